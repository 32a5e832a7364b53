//! What happens after the payer has paid: captures, releases, refunds and charges are carried to
//! their end, once, whatever breaks on the way (CONTRACT 8.2 to 8.5, 8.12).

mod crash;
mod lost_answer;
mod ordinary;

use std::time::Duration;

use chrono::TimeDelta;
use mcpay::cli::DEMO_CLIENT;
use mcpay::clients::ClientCode;
use mcpay::payments::asked::{Asked, ChargeRequest, Teller, Told};
use mcpay::payments::payment::{Payment, Status};
use mcpay::payments::ports::{PaymentStore as _, StoredAnswer};
use mcpay::ports::Clock as _;
use mcpay_port::AgreementId;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::support::client_file::ClientFile;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

const SOON: Duration = Duration::from_secs(20);

/// Renders what is told as it is debugged.
struct Plain;

impl Teller for Plain {
    fn answer(&self, told: &Told) -> StoredAnswer {
        StoredAnswer {
            status: 200,
            body: format!("{told:?}"),
        }
    }
}

fn asked(key: &str) -> Asked {
    Asked {
        client: ClientCode(DEMO_CLIENT.to_owned()),
        key: key.to_owned(),
        body_hash: [7; 32],
    }
}

impl World {
    async fn captures_immediately(&self) {
        let file = ClientFile {
            capture: "immediate",
            ..self.client_file()
        };
        self.applies_at_once(&file).await;
    }

    async fn payment(&self, reference: &str) -> Payment {
        let found = self.built.store.find_payment(reference.parse().unwrap());
        found.await.unwrap().expect("it is stored")
    }

    /// A payment that the payer has approved, and of which the provider was asked.
    async fn authorized(&self, changes: serde_json::Value) -> StartedPayment {
        let payment = self.starts(changes).await;
        self.payer_approves(&payment).await;
        assert_eq!(self.completes(&payment).await["status"], "success");
        payment
    }

    pub async fn stands_as(&self, payment: &StartedPayment, status: Status) -> Payment {
        wait_for(status.as_str(), SOON, async || {
            let stored = self.payment(&payment.reference).await;
            (stored.status == status).then_some(stored)
        })
        .await
    }

    async fn capture(&self, key: &str, payment: &StartedPayment, major: Option<i64>) -> String {
        let reference = payment.reference.parse().unwrap();
        let amount = major.map(Decimal::from);
        let (payments, asked) = (&self.built.app.payments, asked(key));
        let answer = payments.capture(&asked, reference, amount, &Plain).await;
        answer.unwrap().body
    }

    async fn charge(&self, key: &str, agreement: AgreementId, in_days: Option<i64>) -> String {
        let day = |days| (self.clock.now() + TimeDelta::days(days)).date_naive();
        let request = ChargeRequest {
            agreement,
            external_reference: format!("charge-{}", Uuid::new_v4()),
            amount: Decimal::from(349),
            currency: None,
            vat_amount: None,
            description: "The next month".to_owned(),
            due_date: in_days.map(day),
        };
        let (payments, asked) = (&self.built.app.payments, asked(key));
        let answer = payments.charge(&asked, &request, &Plain).await;
        answer.unwrap().body
    }

    /// An agreement that its first payment has opened.
    async fn agreement(&self) -> AgreementId {
        let payment = self
            .authorized(json!({
                "recurring": true, "productSpecCode": "TOTT", "productSpecNo": 1, "amount": null,
            }))
            .await;
        let opened = self.payment(&payment.reference).await.agreement;
        opened.expect("it opened an agreement").id
    }

    /// The newest charge.
    async fn charged(&self) -> StartedPayment {
        let client = ClientCode(DEMO_CLIENT.to_owned());
        let filter = mcpay::payments::ports::PaymentFilter {
            limit: 50,
            ..Default::default()
        };
        let listed = self.built.app.payments.list_payments(&client, &filter);
        let charge = listed
            .await
            .unwrap()
            .into_iter()
            .find(|payment| payment.charge_of.is_some());
        StartedPayment {
            reference: charge.expect("a charge").reference.to_string(),
            answer: json!({}),
        }
    }
}

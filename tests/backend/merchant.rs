//! The merchant's backend of these tests: the demo client with a token, and payments that it has.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::Backend;
use crate::support::client::Answer;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};

const SOON: Duration = Duration::from_secs(20);

/// A backend with its token, and the world that its payments are made in.
pub struct Merchant<'a> {
    pub world: &'a World,
    pub backend: Backend,
}

impl<'a> Merchant<'a> {
    pub async fn of(world: &'a World) -> Self {
        let backend = world.backend().await;
        Self { world, backend }
    }

    pub async fn gets(&self, path: &str) -> Answer {
        self.backend.get(&format!("/capi/v1/client/{path}")).await
    }

    /// Posts under a key of its own.
    pub async fn asks(&self, path: &str, body: &Value) -> Answer {
        let key = Uuid::new_v4().to_string();
        self.asks_with(&key, path, body).await
    }

    pub async fn asks_with(&self, key: &str, path: &str, body: &Value) -> Answer {
        let path = format!("/capi/v1/client/{path}");
        self.backend.post_with_key(&path, key, body).await
    }

    /// Posts without a body and, where `key` is none, without a key.
    pub async fn asks_bare(&self, key: Option<&str>, path: &str) -> Answer {
        let path = format!("/capi/v1/client/{path}");
        let mut request = self.backend.request(Method::POST, &path);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.backend.sends(request).await
    }

    /// What `verb` does to a payment.
    pub async fn does(&self, verb: &str, payment: &StartedPayment, body: Value) -> Answer {
        let path = format!("payment/{}/{verb}", payment.reference);
        self.asks(&path, &body).await
    }

    pub async fn reads(&self, payment: &StartedPayment) -> Value {
        let path = format!("payment/{}", payment.reference);
        self.gets(&path).await.expect(200).json()
    }

    /// Waits until the payment's state is `state`, and reads it.
    pub async fn sees(&self, payment: &StartedPayment, state: &str) -> Value {
        wait_for(state, SOON, async || {
            let read = self.reads(payment).await;
            (read["state"] == state).then_some(read)
        })
        .await
    }

    /// A one-time payment of 100.00 that the payer has approved.
    pub async fn has_authorized(&self) -> StartedPayment {
        let payment = self.world.starts(json!({ "amount": 100 })).await;
        self.is_approved(&payment).await;
        payment
    }

    /// The same, captured.
    pub async fn has_captured(&self) -> StartedPayment {
        let payment = self.has_authorized().await;
        self.does("capture", &payment, json!({})).await.expect(200);
        payment
    }

    /// The first payment of a subscription, captured; and its agreement.
    pub async fn has_subscriber(&self) -> (StartedPayment, String) {
        let first = self.world.starts(subscription()).await;
        self.is_approved(&first).await;
        self.does("capture", &first, json!({})).await.expect(200);
        let agreement = self.reads(&first).await["agreementId"].clone();
        let agreement = agreement.as_str().expect("an agreement").to_owned();
        (first, agreement)
    }

    /// Charges an agreement; `changes` are put over an ordinary charge.
    pub async fn charges(&self, agreement: &str, changes: Value) -> Answer {
        let mut charge = json!({
            "externalReference": format!("charge-{}", Uuid::new_v4().simple()),
            "amount": "349.00",
            "description": "December",
        });
        let members = charge.as_object_mut().unwrap();
        members.extend(changes.as_object().expect("an object").clone());
        self.asks(&format!("agreement/{agreement}/charge"), &charge)
            .await
    }

    async fn is_approved(&self, payment: &StartedPayment) {
        self.world.payer_approves(payment).await;
        let status = self.world.completes(payment).await;
        assert_eq!(status["status"], "success");
    }
}

/// The payment that a charge is.
pub fn payment_of(charge: &Value) -> StartedPayment {
    StartedPayment {
        reference: charge["mcPayRef"].as_str().expect("a reference").to_owned(),
        answer: charge.clone(),
    }
}

/// What differs for the first payment of a subscription.
pub fn subscription() -> Value {
    json!({
        "recurring": true, "productSpecCode": "TOTT", "productSpecNo": 1,
        "amount": null, "currency": null,
    })
}

//! What happens after the payer has paid: captures, releases, refunds and charges are carried to
//! their end, once, whatever breaks on the way (CONTRACT 8.2 to 8.5, 8.12).

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use mcpay::cli::DEMO_CLIENT;
use mcpay::clients::ClientCode;
use mcpay::payments::asked::{Asked, ChargeRequest, Teller, Told};
use mcpay::payments::operation::{OperationKind, OperationStatus};
use mcpay::payments::payment::{Payment, Status};
use mcpay::payments::ports::{Change, PaymentStore as _, Saved, StoredAnswer};
use mcpay::ports::Clock as _;
use mcpay_port::{AgreementId, PaymentRef, ProviderRef};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, Wish, World};

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

    async fn stored(&self, reference: &str) -> Payment {
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

    async fn stands_as(&self, payment: &StartedPayment, status: Status) -> Payment {
        wait_for(status.as_str(), SOON, async || {
            let stored = self.stored(&payment.reference).await;
            (stored.status == status).then_some(stored)
        })
        .await
    }

    async fn capture(&self, key: &str, payment: &StartedPayment, major: Option<i64>) -> String {
        let reference = payment.reference.parse().unwrap();
        let amount = major.map(Decimal::from);
        let payments = &self.built.app.payments;
        let answer = payments.capture(&asked(key), reference, amount, &Plain);
        answer.await.unwrap().body
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
        let payments = &self.built.app.payments;
        let answer = payments.charge(&asked(key), &request, &Plain).await;
        answer.unwrap().body
    }

    /// An agreement that its first payment has opened.
    async fn agreement(&self) -> AgreementId {
        let payment = self
            .authorized(json!({
                "recurring": true, "productSpecCode": "TOTT", "productSpecNo": 1, "amount": null,
            }))
            .await;
        let opened = self.stored(&payment.reference).await.agreement;
        opened.expect("it opened an agreement").id
    }

    /// The last payment whose external reference begins with `charge-`.
    async fn charged(&self) -> StartedPayment {
        let client = ClientCode(DEMO_CLIENT.to_owned());
        let filter = mcpay::payments::asked::PaymentFilter {
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

on_both_databases! {
    async fn an_immediate_payment_is_captured_as_soon_as_it_is_authorised(world) {
        world.captures_immediately().await;
        let payment = world.authorized(json!({})).await;

        let captured = world.stands_as(&payment, Status::Captured).await;

        assert_eq!(captured.amounts.captured, captured.amount);
        assert_eq!(captured.inquire_at, None, "nothing is expected any more");
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized", "payment.captured"]
        );
    }

    async fn what_no_order_claims_in_time_is_released(world) {
        let payment = world.authorized(json!({})).await;
        assert_eq!(world.stored(&payment.reference).await.status, Status::Authorized);

        world.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));

        let released = world.stands_as(&payment, Status::Cancelled).await;
        assert_eq!(released.amounts.cancelled, released.amount);
        assert_eq!(released.release_at, None);
        assert_eq!(world.count_calls(&payment.reference, "cancel").await, 1);
    }

    async fn parts_are_captured_until_nothing_is_left_and_a_key_is_answered_once(world) {
        let payment = world.authorized(json!({})).await;
        let first = world.capture("one", &payment, Some(100)).await;
        assert!(first.starts_with("Done"), "{first}");
        assert_eq!(world.capture("one", &payment, Some(100)).await, first, "replayed");
        let too_much = world.capture("two", &payment, Some(300)).await;
        assert!(too_much.starts_with("AmountExceeded { left: 249.00 NOK"), "{too_much}");
        let rest = world.capture("three", &payment, None).await;
        assert!(rest.starts_with("Done"), "{rest}");
        let nothing = world.capture("four", &payment, None).await;
        assert!(nothing.starts_with("StateConflict"), "{nothing}");
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 2);
        let stored = world.stands_as(&payment, Status::Captured).await;
        assert_eq!(stored.amounts.captured, stored.amount);
    }

    async fn of_64_refunds_that_race_for_the_money_of_50_exactly_50_succeed(world) {
        let payment = world.authorized(json!({ "amount": 100 })).await;
        world.capture("all", &payment, None).await;
        let reference: PaymentRef = payment.reference.parse().unwrap();
        let racers = (0..64).map(|at| {
            let payments = world.built.app.payments.clone();
            tokio::spawn(async move {
                let two = Some(Decimal::from(2));
                let asked = asked(&format!("refund-{at}"));
                let answer = payments.refund(&asked, reference, None, two, &Plain).await;
                answer.unwrap().body
            })
        });
        let told: Vec<String> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
        let count = |start: &str| told.iter().filter(|told| told.starts_with(start)).count();
        assert_eq!((count("Done"), count("AmountExceeded")), (50, 14), "{told:?}");
        assert_eq!(world.count_calls(&payment.reference, "refund").await, 50);
        let stored = world.stands_as(&payment, Status::Refunded).await;
        assert_eq!(stored.amounts.refunded, stored.amounts.captured);
    }

    async fn an_agreement_is_charged_and_stopped_once(world) {
        world.captures_immediately().await;
        let agreement = world.agreement().await;

        let told = world.charge("charge", agreement, None).await;
        assert!(told.contains("status: Success"), "{told}");
        let charge = world.charged().await;
        world.stands_as(&charge, Status::Captured).await;
        assert_eq!(world.charge("charge", agreement, None).await, told, "replayed");

        let payments = &world.built.app.payments;
        for key in ["one", "two"] {
            let told = payments.stop(&asked(key), agreement, &Plain).await.unwrap().body;
            assert_eq!(told, format!("Stopped({agreement})"));
        }
        let told = world.charge("late", agreement, None).await;
        assert!(told.starts_with("StateConflict"), "{told}");
    }

    async fn a_charge_with_a_due_date_is_made_on_its_day_and_once(world) {
        world.captures_immediately().await;
        let agreement = world.agreement().await;
        let told = world.charge("charge", agreement, Some(3)).await;
        assert!(told.contains("status: Pending"), "{told}");
        let charge = world.charged().await;
        assert_eq!(world.completes(&charge).await["status"], "pending");
        assert_eq!(world.provider_saw(&charge.reference).await, Vec::<String>::new());

        world.clock.advance(TimeDelta::days(4));

        world.stands_as(&charge, Status::Captured).await;
        assert_eq!(world.count_calls(&charge.reference, "charge").await, 1);
    }
}

on_both_databases! {
    with Wish { without_jobs: true, ..Wish::default() };

    async fn a_capture_whose_owner_died_before_the_call_is_made_by_another_instance(world) {
        world.captures_immediately().await;
        let payment = world.authorized(json!({})).await;
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 0);

        let other = world.another_instance().await;

        world.stands_as(&payment, Status::Captured).await;
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
        other.ends().await;
    }

    async fn a_capture_that_is_refused_three_times_is_given_up_and_told_once(world) {
        world.captures_immediately().await;
        let payment = world.authorized(json!({})).await;
        let mut forgotten = world.stored(&payment.reference).await;
        let nobodys = format!("/psp/paymentorders/{}", Uuid::new_v4());
        forgotten.provider_ref = Some(ProviderRef(nobodys));
        let change = Change::of(forgotten);
        assert_eq!(world.built.store.save(&change).await, Ok(Saved::Saved));

        for refusals in 1..=3 {
            world.built.app.payments.pursue().await.unwrap();
            wait_for("a refusal", SOON, async || {
                let stored = world.stored(&payment.reference).await;
                (stored.capture_refusals == refusals).then_some(())
            })
            .await;
            world.clock.advance(TimeDelta::minutes(16));
        }
        world.built.app.payments.pursue().await.unwrap();

        let stored = world.stored(&payment.reference).await;
        assert!(stored.reserved.captured.is_zero(), "the money is there to be captured by hand");
        let operations = world.built.store.find_operations(stored.reference).await.unwrap();
        let captures = operations.iter().filter(|one| one.kind == OperationKind::Capture);
        let failed = captures.filter(|one| one.status == OperationStatus::Failed);
        assert_eq!(failed.count(), 3);
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized", "payment.capture_failed"]
        );
    }
}

on_both_databases! {
    with Wish { breakable_provider: true, ..Wish::default() };

    async fn a_capture_whose_answer_is_lost_ends_captured_once(world) {
        let payment = world.authorized(json!({})).await;
        world.provider_behaves(json!({ "latencyMs": 1_000 })).await;
        let breaking = async {
            world.provider_sees(&payment.reference, "capture", 1).await;
            world.line().cut();
        };
        let (told, ()) = tokio::join!(world.capture("key", &payment, None), breaking);
        assert!(told.starts_with("Unknown"), "{told}");
        world.provider_behaves(json!({ "latencyMs": 0 })).await;

        world.clock.advance(TimeDelta::seconds(70));

        let stored = world.stands_as(&payment, Status::Captured).await;
        assert_eq!(stored.amounts.captured, stored.amount);
        wait_for("the operation is done", SOON, async || {
            let operations = world.built.store.find_operations(stored.reference).await.unwrap();
            let done = |one: &&_| -> bool {
                let one: &mcpay::payments::operation::StoredOperation = one;
                one.kind == OperationKind::Capture && one.status == OperationStatus::Done
            };
            operations.iter().find(done).map(|_| ())
        })
        .await;
        let told = world.capture("key", &payment, None).await;
        assert!(told.starts_with("Done"), "the same key is told how it ended: {told}");
    }
}

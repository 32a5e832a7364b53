//! What the caller learns when the provider says no, is away, or does not answer.

use serde_json::json;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::world::{StartedPayment, World};

/// Every payment that the demo client has, by its first event.
async fn payments(world: &World) -> Vec<String> {
    use mcpay::events::ports::EventStore as _;
    let store = &world.built.store;
    while store.assign_cursors(1_000).await.expect("the store") > 0 {}
    let client = mcpay::clients::ClientCode(mcpay::cli::DEMO_CLIENT.to_owned());
    let events = store
        .find_events_after(&client, 0, 1_000)
        .await
        .expect("the store");
    let events = events.into_iter().map(|(_, event)| event);
    events
        .filter(|event| event.kind == "payment.initiated")
        .map(|event| event.subject)
        .collect()
}

on_both_databases! {
    async fn a_refusal_says_what_the_provider_said_and_nothing_personal(world) {
        let claims = world.claims(json!({ "currency": "ISK", "phoneNumber": "+4798765432" }));
        let answer = world.payment_init(&claims).await;
        assert!(!answer.text.contains("98765432"), "{}", answer.text);
        let problem = answer.problem(502);
        assert_eq!(problem["code"], "provider_refused");
        assert!(problem["providerResponse"]["code"].is_string(), "{problem}");
        let reference = payments(world).await.remove(0);
        let payment = StartedPayment { reference, answer: problem };
        let status = world.status(&payment).await;
        assert_eq!((&status["status"], &status["reason"]), (&json!("failure"), &json!("error")));
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.failed"]);
    }

    async fn a_provider_that_cannot_be_reached_did_nothing(world) {
        // Nobody listens on the discard port of this machine.
        world
            .applies_at_once(&ClientFile {
                payex_url: Some("http://127.0.0.1:9".to_owned()),
                ..world.client_file()
            })
            .await;
        let claims = world.claims(json!({}));
        let problem = world.payment_init(&claims).await.problem(503);
        assert_eq!(problem["code"], "provider_unavailable");
        assert_eq!(world.payment_init(&claims).await.problem(409)["code"], "external_reference_used");

        world.applies_at_once(&world.client_file()).await;
        world.starts_payment().await;
    }

    async fn a_method_without_an_account_is_unavailable(world) {
        world.applies_at_once(&ClientFile { nexi_url: None, ..world.client_file() }).await;
        for changes in [
            json!({ "paymentMethod": "vippsEcommerce" }),
            json!({ "paymentMethod": "vippsRecurring", "recurring": true,
                    "productSpecCode": "TOTT", "productSpecNo": 1 }),
            json!({ "paymentMethod": "nexi", "paymentFlow": "redirect" }),
        ] {
            let problem = world.payment_init(&world.claims(changes)).await.problem(400);
            assert_eq!(problem["code"], "payment_method_unavailable");
        }
        world.applies_at_once(&ClientFile { payex_url: None, ..world.client_file() }).await;
        let problem = world.payment_init(&world.claims(json!({}))).await.problem(400);
        assert_eq!(problem["code"], "payment_method_unavailable");
        assert_eq!(payments(world).await, Vec::<String>::new(), "nothing was begun");
    }

    async fn an_answer_that_never_comes_leaves_the_reference_in_the_body(world) {
        world.provider_behaves(json!({ "timeoutRate": 1 })).await;
        let claims = world.claims(json!({}));
        let body = world.init_body(&claims);
        let request = world.http.post(world.url("/capi/mcpay/paymentInit")).json(&body);
        let first = world.sends(request.header("idempotency-key", "unknown")).await;
        let problem = first.problem(504);
        assert_eq!(problem["code"], "outcome_unknown");
        let reference = problem["mcPayRef"].as_str().expect("the reference").to_owned();
        let payment = StartedPayment { reference: reference.clone(), answer: problem };
        assert_eq!(world.status(&payment).await["status"], "pending");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.unknown"]);

        world.provider_behaves(json!({ "timeoutRate": 0 })).await;
        let request = world.http.post(world.url("/capi/mcpay/paymentInit")).json(&body);
        let again = world.sends(request.header("idempotency-key", "unknown")).await;
        assert_eq!((again.status, again.text), (504, first.text), "a key gets the first answer");
        assert_eq!(
            world.provider_saw(&reference).await,
            ["initiate"],
            "a create without a key of the provider's is never sent again"
        );
    }
}

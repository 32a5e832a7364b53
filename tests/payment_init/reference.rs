//! An externalReference starts one payment, whoever races for it and whatever the provider says.

use futures_util::future::join_all;
use serde_json::json;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::wire_tap::WireTap;

on_both_databases! {
    async fn of_64_requests_that_race_with_one_reference_one_starts_and_the_provider_hears_once(
        world
    ) {
        let tap = WireTap::on(&world.base).await;
        let account = tap.base.join("/sandbox/payex").unwrap();
        world
            .applies_at_once(&ClientFile {
                payex_url: Some(account.to_string()),
                ..world.client_file()
            })
            .await;
        let claims = world.claims(json!({}));

        let answers = join_all((0..64).map(|_| world.payment_init(&claims))).await;

        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.status == 200);
        assert_eq!(won.len(), 1, "exactly one starts");
        assert_eq!(lost.len(), 63);
        for answer in lost {
            assert_eq!(answer.problem(409)["code"], "external_reference_used");
        }
        let reference = won[0].json()["mcPayRef"].as_str().unwrap().to_owned();
        assert_eq!(world.provider_saw(&reference).await, ["initiate"]);
        assert_eq!(
            tap.count("POST /sandbox/payex/psp/paymentorders HTTP"),
            1,
            "the provider heard of nobody else"
        );
    }

    async fn a_reference_is_used_up_also_when_the_provider_refuses(world) {
        // A currency that the provider's agreement does not cover.
        let claims = world.claims(json!({ "currency": "ISK" }));
        world.payment_init(&claims).await.problem(502);
        for _ in 0..2 {
            let problem = world.payment_init(&claims).await.problem(409);
            assert_eq!(problem["code"], "external_reference_used");
        }
        let mended = world.claims(json!({ "externalReference": claims["externalReference"] }));
        assert_eq!(
            world.payment_init(&mended).await.problem(409)["code"],
            "external_reference_used",
            "a mended token does not give the reference back"
        );
    }

    async fn a_reference_is_not_used_up_by_a_request_that_is_not_valid(world) {
        world.applies_at_once(&world.client_file()).await;
        let broken = world.claims(json!({ "amount": -1 }));
        let reference = json!({ "externalReference": broken["externalReference"] });
        world.payment_init(&broken).await.problem(400);
        let elsewhere = world.claims(json!({
            "externalReference": broken["externalReference"], "paymentMethod": "vippsEcommerce",
        }));
        let problem = world.payment_init(&elsewhere).await.problem(400);
        assert_eq!(problem["code"], "payment_method_unavailable");
        world.starts(reference).await;
    }

    async fn references_are_compared_as_they_are_written(world) {
        let payment = world.starts(json!({ "externalReference": "Order 7" })).await;
        let other = world.starts(json!({ "externalReference": "order 7" })).await;
        assert_ne!(payment.reference, other.reference);
        let again = world.claims(json!({ "externalReference": "Order 7" }));
        world.payment_init(&again).await.problem(409);
    }

    async fn two_clients_may_use_the_same_reference(world) {
        let other = ClientFile { client_code: "no.other.paper".to_owned(), ..world.client_file() };
        world.applies_at_once(&other).await;
        let mine = world.starts(json!({ "externalReference": "same" })).await;
        let claims = world.claims(json!({
            "externalReference": "same", "clientCode": "no.other.paper",
        }));
        let body = json!({ "clientCode": "no.other.paper", "sign": world.sign(&claims) });
        let answer = world.post("/capi/mcpay/paymentInit", &body).await.expect(200).json();
        assert_ne!(answer["mcPayRef"], mine.reference.as_str());
    }
}

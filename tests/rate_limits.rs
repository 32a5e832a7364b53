//! Limits (CONTRACT 5): what counts against a client, what against an address, and what is told.

use futures_util::future::join_all;
use serde_json::json;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::world::{Wish, World};

fn limited() -> Wish {
    Wish {
        rate_limit: true,
        ..Wish::default()
    }
}

async fn allows_per_minute(world: &World, per_minute: u32) {
    let file = ClientFile {
        per_second: 100,
        per_minute,
        ..world.client_file()
    };
    world.applies_at_once(&file).await;
}

on_both_databases! {
    with limited();

    async fn a_client_starts_as_many_payments_as_it_may_and_is_then_told_to_wait(world) {
        allows_per_minute(world, 3).await;
        for left in [2, 1, 0] {
            let answer = world.payment_init(&world.claims(json!({}))).await.expect(200);
            assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
            let reset: u64 = answer.header("x-ratelimit-reset").parse().unwrap();
            assert!((1..=60).contains(&reset), "{reset}");
        }
        let claims = world.claims(json!({}));
        let refused = world.payment_init(&claims).await;
        let wait: u64 = refused.header("retry-after").parse().expect("Retry-After in seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(refused.header("x-ratelimit-remaining").parse::<u32>().is_ok());
        assert!(refused.header("x-ratelimit-reset").parse::<u32>().is_ok());
        assert_eq!(refused.problem(429)["code"], "rate_limited");

        allows_per_minute(world, 1_000).await;
        world.payment_init(&claims).await.expect(200);
    }

    async fn replays_and_refusals_use_nothing_up(world) {
        allows_per_minute(world, 3).await;
        let first = world.init_body(&world.claims(json!({})));
        let with_key = || {
            let request = world.http.post(world.url("/capi/mcpay/paymentInit")).json(&first);
            world.sends(request.header("idempotency-key", "key"))
        };
        with_key().await.expect(200);
        for _ in 0..5 {
            with_key().await.expect(200);
            world.post("/capi/mcpay/paymentInit", &first).await.problem(409);
            world.payment_init(&world.claims(json!({ "amount": 0 }))).await.problem(400);
            let forged = json!({ "clientCode": "no.mediaconnect.test", "sign": "a.b.c" });
            world.post("/capi/mcpay/paymentInit", &forged).await.problem(401);
            let elsewhere = world.claims(json!({ "paymentMethod": "vippsEcommerce" }));
            world.payment_init(&elsewhere).await.problem(400);
        }
        world.payment_init(&world.claims(json!({}))).await.expect(200);
        let last = world.payment_init(&world.claims(json!({}))).await.expect(200);
        assert_eq!(last.header("x-ratelimit-remaining"), "0");
        world.payment_init(&world.claims(json!({}))).await.problem(429);
        with_key().await.expect(200);
    }

    async fn one_client_cannot_use_up_the_limit_of_another(world) {
        allows_per_minute(world, 1).await;
        let other = ClientFile { client_code: "no.other.paper".to_owned(), ..world.client_file() };
        world.applies_at_once(&other).await;
        world.starts_payment().await;
        world.payment_init(&world.claims(json!({}))).await.problem(429);
        let claims = world.claims(json!({ "clientCode": "no.other.paper" }));
        let body = json!({ "clientCode": "no.other.paper", "sign": world.sign(&claims) });
        world.post("/capi/mcpay/paymentInit", &body).await.expect(200);
    }

    async fn a_429_uses_up_neither_the_reference_nor_the_key(world) {
        allows_per_minute(world, 1).await;
        world.starts_payment().await;
        let body = world.init_body(&world.claims(json!({})));
        let with_key = || {
            let request = world.http.post(world.url("/capi/mcpay/paymentInit")).json(&body);
            world.sends(request.header("idempotency-key", "later"))
        };
        with_key().await.problem(429);
        allows_per_minute(world, 100).await;
        with_key().await.expect(200);
    }

    async fn a_valid_bearer_counts_against_its_client_and_a_wrong_one_does_not(world) {
        let backend = world.backend().await;
        allows_per_minute(world, 3).await;
        let wrong = backend.with_token("a.b.c");
        for left in [2, 1, 0] {
            wrong.get("/capi/v1/client/event").await.problem(401);
            let answer = backend.get("/capi/v1/client/event").await.expect(200);
            assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
        }
        let refused = backend.get("/capi/v1/client/event").await;
        assert!(refused.header("retry-after").parse::<u64>().is_ok());
        assert_eq!(refused.problem(429)["code"], "rate_limited");
        // Payments and calls share the client's one limit.
        world.payment_init(&world.claims(json!({}))).await.problem(429);
    }

    async fn who_hammers_one_payment_is_stopped_and_others_are_not(world) {
        let (hammered, other) = (world.starts_payment().await, world.starts_payment().await);
        let path = format!("/capi/mcpay/payments/{}", hammered.reference);
        let answers = join_all((0..60).map(|_| world.get(&path))).await;
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
        assert!(!refused.is_empty() && refused.len() < 60, "{} of 60", refused.len());
        for answer in refused {
            assert!(answer.header("retry-after").parse::<u64>().is_ok());
            assert_eq!(answer.problem(429)["code"], "rate_limited");
        }
        assert_eq!(world.status(&other).await["status"], "pending");
        world.starts_payment().await;
    }

    async fn nobody_gets_past_the_limit_with_a_made_up_address(world) {
        let answers = join_all((0..250).map(|number| {
            let request = world.http.get(world.url("/capi/mcpay/payments/x"));
            world.sends(request.header("x-forwarded-for", format!("10.0.0.{number}")))
        }))
        .await;
        assert!(answers.iter().any(|answer| answer.status == 429));
        assert!(answers.iter().all(|answer| [404, 429].contains(&answer.status)));
    }
}

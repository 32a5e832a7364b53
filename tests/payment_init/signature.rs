//! Who may start a payment: algorithms, key ids, times, and keys that come and go.

use std::time::Duration;

use chrono::Utc;
use mcpay::cli::{DEMO_CLIENT, DEMO_SIGNING_SECRET};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::support::client::Answer;
use crate::support::signing::TestKey;
use crate::support::world::World;

async fn init(world: &World, client_code: &str, sign: &str) -> Answer {
    let body = json!({ "clientCode": client_code, "sign": sign });
    world.post("/capi/mcpay/paymentInit", &body).await
}

/// A problem without what differs from request to request.
fn comparable(mut problem: Value) -> Value {
    problem.as_object_mut().unwrap().remove("requestId");
    problem
}

on_both_databases! {
    async fn every_algorithm_of_the_contract_opens_the_door_with_and_without_kid(world) {
        let secret = "a-secret-of-a-newspaper-0123456789-0123456789";
        let keys = [
            TestKey::shared("256", "HS256", secret),
            TestKey::shared("384", "HS384", "another-secret-0123456789-0123456789-012"),
            TestKey::shared("512", "HS512", "a-third-secret-0123456789-0123456789-0123"),
            TestKey::rsa("rsa"),
            TestKey::p256("ec"),
            TestKey::ed25519("ed"),
        ];
        let all: Vec<&TestKey> = keys.iter().collect();
        world.applies_at_once(&world.client_file().with_keys(&all)).await;
        for key in &keys {
            let (named, unnamed) = (world.claims(json!({})), world.claims(json!({})));
            init(world, DEMO_CLIENT, &key.sign(&named)).await.expect(200);
            init(world, DEMO_CLIENT, &key.sign_without_kid(&unnamed)).await.expect(200);
        }
    }

    async fn whoever_probes_for_keys_and_clients_gets_one_and_the_same_answer(world) {
        let claims = world.claims(json!({}));
        let text = claims.to_string();
        let demo = TestKey::demo();
        let other = TestKey::shared("demo", "HS512", "not-the-secret-0123456789-0123456789-01234");
        let weaker = TestKey::shared("demo", "HS256", DEMO_SIGNING_SECRET);
        let good = demo.sign(&claims);
        let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
        let stranger = world.claims(json!({ "clientCode": "no.such.client" }));
        let tokens = [
            ("a wrong secret", DEMO_CLIENT, other.sign(&claims)),
            ("a wrong secret without kid", DEMO_CLIENT, other.sign_without_kid(&claims)),
            ("another algorithm", DEMO_CLIENT, weaker.sign(&claims)),
            ("another algorithm without kid", DEMO_CLIENT, weaker.sign_without_kid(&claims)),
            (
                "an unknown kid", DEMO_CLIENT,
                demo.sign_as(&json!({ "alg": "HS512", "kid": "x" }), text.as_bytes()),
            ),
            (
                "alg none", DEMO_CLIENT,
                demo.sign_as(&json!({ "alg": "none", "kid": "demo" }), text.as_bytes()),
            ),
            ("no signature", DEMO_CLIENT, unsigned),
            ("an unknown client", "no.such.client", demo.sign(&stranger)),
            ("another client's token", DEMO_CLIENT, demo.sign(&stranger)),
        ];
        let mut first: Option<Value> = None;
        for (what, client, token) in tokens {
            let problem = comparable(init(world, client, &token).await.problem(401));
            assert_eq!(problem["code"], "invalid_sign", "{what}");
            assert_eq!(problem["exceptionType"], "InvalidSignException");
            assert_eq!(first.get_or_insert(problem.clone()), &problem, "{what}");
        }
        init(world, DEMO_CLIENT, &good).await.expect(200);
    }

    async fn a_token_lives_as_long_as_it_says_with_a_minute_of_leeway(world) {
        let now = Utc::now().timestamp();
        let cases = [
            (json!({ "exp": now - 30 }), 200),
            (json!({ "exp": now - 120 }), 401),
            (json!({ "nbf": now + 30 }), 200),
            (json!({ "nbf": now + 120 }), 401),
            (json!({ "iat": now + 120 }), 401),
            (json!({ "exp": null, "iat": now - 3_000, "nbf": null }), 200),
            (json!({ "exp": null, "iat": now - 3_700, "nbf": null }), 401),
            (json!({ "exp": null, "iat": null, "nbf": null }), 401),
            (json!({ "exp": null, "iat": null }), 401),
            (json!({ "exp": "tomorrow" }), 401),
            (json!({ "exp": (now + 60) * 1_000 }), 401),
        ];
        for (times, status) in cases {
            let answer = world.payment_init(&world.claims(times.clone())).await;
            assert_eq!(answer.status, status, "{times}: {}", answer.text);
        }
    }

    async fn the_clock_of_the_service_decides_when_a_token_is_over(world) {
        let claims = world.claims(json!({}));
        world.clock.advance(chrono::Duration::hours(2));
        let problem = world.payment_init(&claims).await.problem(401);
        assert!(problem["detail"].as_str().unwrap().contains("expired"), "{problem}");
    }

    async fn what_is_no_token_is_called_so(world) {
        let demo = TestKey::demo();
        let header = json!({ "alg": "HS512" });
        let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
        let tokens = [
            String::new(),
            "x".to_owned(),
            "a.b".to_owned(),
            "a.b.c.d".to_owned(),
            "....".to_owned(),
            demo.sign_as(&header, b"not json"),
            demo.sign_as(&header, b"[1]"),
            demo.sign_as(&header, b"\xff\xfe"),
            demo.sign_as(&header, format!(r#"{{"a":{deep}}}"#).as_bytes()),
            demo.sign_as(&json!({ "alg": "HS512", "crit": ["x"] }), b"{}"),
            demo.sign_as(&json!("HS512"), b"{}"),
        ];
        for token in tokens {
            let problem = init(world, DEMO_CLIENT, &token).await.problem(401);
            assert_eq!(problem["code"], "invalid_sign", "{token}");
        }
    }

    async fn a_key_that_the_file_no_longer_has_dies_within_seconds_and_the_new_one_works(world) {
        let old = TestKey::demo();
        let new = TestKey::shared("next", "HS512", "the-next-secret-0123456789-0123456789-012");
        let file = world.client_file();
        world.applies(&file.with_keys(&[&old, &new])).await;
        let begins = |key: &TestKey| {
            let token = key.sign(&world.claims(json!({})));
            async move { init(world, DEMO_CLIENT, &token).await.status }
        };
        let both = async { while begins(&new).await != 200 { pause().await; } };
        tokio::time::timeout(Duration::from_secs(5), both).await.expect("the new key is taken up");
        assert_eq!(begins(&old).await, 200, "two keys may live at once");

        world.applies(&world.client_file().with_keys(&[&new])).await;
        let revoked = async { while begins(&old).await != 401 { pause().await; } };
        tokio::time::timeout(Duration::from_secs(5), revoked).await.expect("the old key dies");
        assert_eq!(begins(&new).await, 200);
    }
}

/// Between two looks at something that changes by itself.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

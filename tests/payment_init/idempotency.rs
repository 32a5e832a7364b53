//! `Idempotency-Key` of 4.1 and 8.13: the first answer again, or a clear no.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::support::client::Answer;
use crate::support::world::World;

async fn init_with(world: &World, key: &str, body: &Value) -> Answer {
    let request = world
        .http
        .post(world.url("/capi/mcpay/paymentInit"))
        .json(body);
    world.sends(request.header("idempotency-key", key)).await
}

on_both_databases! {
    async fn the_same_key_and_body_get_the_first_answer_byte_by_byte(world) {
        let body = world.init_body(&world.claims(json!({})));
        let first = init_with(world, "key-1", &body).await.expect(200);
        let second = init_with(world, "key-1", &body).await.expect(200);
        assert_eq!(first.text, second.text);
        assert_eq!(first.header("content-type"), second.header("content-type"));
        let reference = first.json()["mcPayRef"].as_str().unwrap().to_owned();
        assert_eq!(world.provider_saw(&reference).await, ["initiate"]);
    }

    async fn a_refusal_of_the_provider_is_replayed_too(world) {
        let body = world.init_body(&world.claims(json!({ "currency": "ISK" })));
        let first = init_with(world, "refused", &body).await;
        assert_eq!(first.status, 502);
        let second = init_with(world, "refused", &body).await;
        assert_eq!((second.status, &second.text), (502, &first.text));
        assert_eq!(second.header("content-type"), "application/problem+json");
    }

    async fn a_key_that_comes_with_another_body_is_a_conflict(world) {
        let body = world.init_body(&world.claims(json!({})));
        init_with(world, "key", &body).await.expect(200);
        let other = world.init_body(&world.claims(json!({})));
        let problem = init_with(world, "key", &other).await.problem(422);
        assert_eq!(problem["code"], "idempotency_conflict");
    }

    async fn a_key_that_is_being_worked_on_says_so_and_answers_later(world) {
        world.provider_behaves(json!({ "latencyMs": 2_000 })).await;
        let body = world.init_body(&world.claims(json!({})));
        let (one, other) = tokio::join!(
            init_with(world, "slow", &body),
            init_with(world, "slow", &body),
        );
        let (first, busy) = if one.status == 200 { (one, other) } else { (other, one) };
        assert_eq!(first.status, 200, "{}", first.text);
        assert_eq!(busy.header("retry-after"), "1");
        assert_eq!(busy.problem(409)["code"], "request_in_progress");
        let later = init_with(world, "slow", &body).await.expect(200);
        assert_eq!(later.text, first.text);
    }

    async fn a_key_raced_by_32_starts_one_payment_and_tells_nobody_else_of_another(world) {
        let body = world.init_body(&world.claims(json!({})));
        let answers = join_all((0..32).map(|_| init_with(world, "raced", &body))).await;
        let won: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert!(!won.is_empty(), "somebody starts it");
        assert!(won.iter().all(|answer| answer.text == won[0].text), "all replays are equal");
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.json()["code"], "request_in_progress", "{}", answer.text);
            assert_eq!(answer.status, 409);
        }
        let last = init_with(world, "raced", &body).await.expect(200);
        let reference = last.json()["mcPayRef"].as_str().unwrap().to_owned();
        assert_eq!(world.provider_saw(&reference).await, ["initiate"]);
    }

    async fn a_key_has_1_to_255_visible_characters(world) {
        let longest = "k".repeat(255);
        let body = world.init_body(&world.claims(json!({})));
        init_with(world, &longest, &body).await.expect(200);
        let body = world.init_body(&world.claims(json!({})));
        let too_long = "k".repeat(256);
        for key in ["", "two words", "tab\there", "nøkkel", &too_long] {
            let problem = init_with(world, key, &body).await.problem(400);
            assert_eq!(problem["code"], "invalid_request");
            assert_eq!(problem["errors"][0]["field"], "Idempotency-Key", "{key:?}");
        }
        init_with(world, "the-body-is-still-good", &body).await.expect(200);
    }

    async fn answers_400_and_401_do_not_use_a_key_up(world) {
        let broken = world.init_body(&world.claims(json!({ "amount": 0 })));
        init_with(world, "again", &broken).await.problem(400);
        let mut forged = world.init_body(&world.claims(json!({})));
        forged["sign"] = json!("a.b.c");
        init_with(world, "again", &forged).await.problem(401);
        let sound = world.init_body(&world.claims(json!({})));
        init_with(world, "again", &sound).await.expect(200);
    }

    async fn a_key_is_looked_up_only_for_who_can_sign(world) {
        let body = world.init_body(&world.claims(json!({})));
        init_with(world, "mine", &body).await.expect(200);
        let mut forged = body.clone();
        forged["sign"] = json!("a.b.c");
        assert_eq!(
            init_with(world, "mine", &forged).await.problem(401)["code"],
            "invalid_sign",
            "a stranger cannot learn that the key exists"
        );
    }
}

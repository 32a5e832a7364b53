//! Nexi's webhooks: nothing but their authorization proves them, and nothing but 200 answers them.

use reqwest::Method;
use serde_json::{Value, json};

use super::{SOON, redirect, seamless};
use crate::on_both_databases;
use crate::support::client::Answer;
use crate::support::world::{StartedPayment, World};

async fn posts(world: &World, payment: &StartedPayment, key: Option<&str>, body: &Value) -> Answer {
    let url = world.url(&format!("/callbacks/nexi/{}", payment.reference));
    let mut request = world.http.request(Method::POST, url).json(body);
    if let Some(key) = key {
        request = request.header("authorization", key);
    }
    world.sends(request).await
}

fn told_paid(id: &str) -> Value {
    json!({
        "id": "5f0d1b7c9a3e4d6f8b2c1a0e9d8c7b6a", "event": "payment.checkout.completed",
        "timestamp": "2026-11-21T10:00:00.0000+00:00", "merchantNumber": 1,
        "data": { "paymentId": id },
    })
}

on_both_databases! {
    async fn a_webhook_with_the_right_authorization_is_answered_200_and_only_makes_us_ask(world) {
        let payment = world.starts(redirect()).await;
        let key = world.callback_key(&payment).await;
        assert!(key.len() == 32 && key.chars().all(|c| c.is_ascii_alphanumeric()), "Nexi's rule");
        let id = world.stored(&payment).await.provider_ref.unwrap();
        let asked = world.count_calls(&payment.reference, "inquire").await;

        let answer = posts(world, &payment, Some(&key), &told_paid(id.as_str())).await;

        assert_eq!((answer.status, answer.text.as_str()), (200, ""));
        world.provider_sees(&payment.reference, "inquire", asked + 1).await;
        assert_eq!(world.status(&payment).await["status"], "pending", "Nexi says that nobody paid");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated"]);
    }

    async fn a_webhook_with_a_wrong_authorization_is_refused(world) {
        let payment = world.starts(redirect()).await;
        let other = world.starts(seamless(world)).await;
        let others = world.callback_key(&other).await;
        let id = world.stored(&payment).await.provider_ref.unwrap();
        let body = told_paid(id.as_str());
        for key in [None, Some(""), Some("Bearer x"), Some(mcpay::cli::DEMO_NEXI_SECRET_KEY), Some(&others)] {
            posts(world, &payment, key, &body).await.problem(404);
        }
        let key = world.callback_key(&payment).await;
        let path = format!("/callbacks/payex/{}/{key}", payment.reference);
        world.post(&path, &body).await.problem(404);
    }

    async fn what_nexi_sends_by_itself_is_enough(world) {
        let payment = world.starts(redirect()).await;
        world.payer_approves(&payment).await;
        world.becomes(&payment, "success", SOON).await;
    }
}

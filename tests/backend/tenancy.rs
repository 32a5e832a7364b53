//! No client sees or touches another's anything: every route of the document is walked with the
//! bearer of a stranger and the identifiers of somebody else.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::merchant::Merchant;
use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::orders::order_of;

const STRANGER: &str = "no.stranger.paper";

/// What a stranger must be told.
enum Expected {
    NotFound,
    /// An answer of the stranger's own, in which nothing of the other client stands.
    NothingOfTheirs,
    /// A refusal that tells nothing of the other client.
    Refused,
}

/// The body to send and what must come back; a route that is not listed fails the test.
fn tried(method: &str, path: &str, order: i64, reference: &str) -> (Value, Expected) {
    let path = path
        .strip_prefix("/capi/v1/client/")
        .expect("a route of the client API");
    match (method, path) {
        ("get", "event" | "payment" | "coupon/{productCode}") => {
            (json!({}), Expected::NothingOfTheirs)
        }
        ("post", "coupon/price") => (
            json!({ "couponCode": "TOTT", "couponNumber": 1 }),
            Expected::NothingOfTheirs,
        ),
        ("post", "order") => {
            let mut body = order_of(349);
            body["mcPayRef"] = json!(reference);
            (body, Expected::Refused)
        }
        ("post", "order/fulfillment") => (json!({ "orderId": order }), Expected::NotFound),
        ("post", "agreement/{agreementId}/charge") => {
            let body = json!({ "externalReference": "theirs", "amount": 1, "description": "x" });
            (body, Expected::NotFound)
        }
        ("get", "payment/{mcPayRef}" | "agreement/{agreementId}" | "order/status/{orderId}")
        | (
            "post",
            "payment/{mcPayRef}/capture"
            | "payment/{mcPayRef}/refund"
            | "payment/{mcPayRef}/cancel"
            | "agreement/{agreementId}/stop",
        ) => (json!({}), Expected::NotFound),
        other => panic!("{other:?}: say what a stranger is told"),
    }
}

on_both_databases! {
    async fn no_route_shows_or_touches_what_belongs_to_another_client(world) {
        let merchant = Merchant::of(world).await;
        let (payment, agreement) = merchant.has_subscriber().await;
        let order = world.registers(&order_of(349)).await.to_string();
        let other = ClientFile { client_code: STRANGER.to_owned(), ..world.client_file() };
        let secret = other.oauth_secrets[0].clone();
        world.applies_at_once(&other).await;
        let stranger = world.backend_of(STRANGER, &secret).await;
        let before = merchant.reads(&payment).await;
        let document = world.get("/openapi.json").await.expect(200).json();
        let mut walked = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                // An answer without an end has a test of its own: `event_stream`.
                if !operation["security"].is_array() || path.ends_with("/event/stream") {
                    continue;
                }
                walked += 1;
                let number = order.parse().unwrap();
                let (body, expected) = tried(method, path, number, &payment.reference);
                let target = path
                    .replace("{mcPayRef}", &payment.reference)
                    .replace("{orderId}", &order)
                    .replace("{agreementId}", &agreement)
                    .replace("{productCode}", "TOTT");
                let verb: Method = method.to_uppercase().parse().unwrap();
                let mut request = stranger.request(verb, &target);
                if method == "post" {
                    let key = Uuid::new_v4().to_string();
                    let body = if path.ends_with("/cancel") || path.ends_with("/stop") { None } else { Some(body) };
                    request = request.header("idempotency-key", key);
                    request = match body { Some(body) => request.json(&body), None => request };
                }
                let answer = stranger.sends(request).await;
                let what = format!("{method} {target}: {} {}", answer.status, answer.text);
                assert_eq!(answer.header("cache-control"), "no-store", "{what}");
                match expected {
                    Expected::NotFound => assert_eq!(answer.status, 404, "{what}"),
                    Expected::Refused => assert!((400..500).contains(&answer.status), "{what}"),
                    Expected::NothingOfTheirs => assert!(answer.status < 500, "{what}"),
                }
                for theirs in [&agreement, &order] {
                    assert!(!answer.text.contains(theirs.as_str()), "{what}");
                }
            }
        }
        assert!(walked >= 14, "{walked} routes");
        assert_eq!(merchant.reads(&payment).await, before, "nothing was touched");
    }
}

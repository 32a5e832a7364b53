//! Creating and retrieving: how a fresh payment looks, and who may see it.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::*;

#[tokio::test]
async fn a_fresh_payment_shows_nothing_that_is_not_there() {
    let world = world();
    let id = world.open(&embedded("ref-1", 34_900)).await;
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let mut payment = world.read(&id).await;
    let created = payment["created"].take();
    let created = created.as_str().unwrap();
    assert_eq!(created.len(), "2022-10-22T17:41:58.1001+00:00".len());
    assert_eq!(created.find('.'), Some(19), "{created}");
    let expected = json!({
        "paymentId": id,
        "summary": {},
        "consumer": {
            "shippingAddress": {},
            "company": { "contactDetails": { "phoneNumber": {} } },
            "privatePerson": { "phoneNumber": {} },
            "billingAddress": {},
        },
        "paymentDetails": { "invoiceDetails": {}, "cardDetails": {} },
        "orderDetails": { "amount": 34_900, "currency": "NOK", "reference": "ref-1" },
        "checkout": { "url": "https://shop.example/pay?order=7" },
        "created": null,
        "myReference": "ref-1",
    });
    assert_eq!(payment, expected);
}

#[tokio::test]
async fn a_hosted_payment_names_its_page_which_can_be_offered_again() {
    let world = world();
    let (status, answer) = world.post("/v1/payments", &hosted("ref-1", 100)).await;
    assert_eq!(status, 201);
    let (id, page) = (
        text(&answer, "/paymentId"),
        text(&answer, "/hostedPaymentPageUrl"),
    );
    let expected = format!(
        "{}/hostedpaymentpage/?checkoutKey={CHECKOUT_KEY}&pid={id}",
        world.base
    );
    assert_eq!(page, expected);
    assert_eq!(world.read(id).await["checkout"]["url"], page);
}

#[tokio::test]
async fn an_order_of_nothing_registers_a_card_and_is_else_refused() {
    let world = world();
    let mut body = embedded("ref-1", 0);
    let (status, answer) = world.post("/v1/payments", &body).await;
    assert_eq!((status, wrong_fields(&answer)), (400, vec!["order.amount"]));
    body["unscheduledSubscription"] = json!({ "create": true });
    assert_eq!(world.post("/v1/payments", &body).await.0, 201);
    body["subscription"] = json!({ "endDate": "2040-01-01T00:00:00+00:00", "interval": 0 });
    assert_eq!(world.post("/v1/payments", &body).await.0, 400);
}

#[tokio::test]
async fn lines_with_vat_and_discounts_and_fractions_add_up() {
    let world = world();
    let mut body = embedded("ref-1", 0);
    let line = |quantity: &str, price: i64, net: i64, tax: i64| {
        json!({
            "reference": "r", "name": "n", "unit": "h",
            "quantity": serde_json::from_str::<Value>(quantity).unwrap(),
            "unitPrice": price, "taxRate": 2500, "taxAmount": tax,
            "netTotalAmount": net, "grossTotalAmount": net + tax,
        })
    };
    body["order"]["items"] = json!([
        line("2", 8_000, 16_000, 4_000),
        line("0.333", 1_001, 333, 83),
        line("1", -100, -100, -25),
    ]);
    body["order"]["amount"] = json!(20_291);
    let (status, answer) = world.post("/v1/payments", &body).await;
    assert_eq!(status, 201, "{answer:#}");
}

#[tokio::test]
async fn a_wrong_key_is_answered_401_and_a_foreign_or_unknown_payment_404_without_a_body() {
    let world = world();
    let id = world.open(&embedded("ref-1", 100)).await;
    let url = format!("{}/v1/payments/{id}", world.base);
    let bearer = format!("Bearer {SECRET_KEY}");
    for (key, expected) in [
        (SECRET_KEY, 200),
        (bearer.as_str(), 401),
        ("nobody", 401),
        ("", 401),
        (OTHER_SECRET_KEY, 404),
    ] {
        let asked = world.http.get(&url).header("Authorization", key);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), expected, "{key}");
        let is_empty = answer.bytes().await.unwrap().is_empty();
        assert_eq!(is_empty, expected != 200, "{key}");
    }
    let unknown = "0".repeat(32);
    assert_eq!(world.get(&format!("/v1/payments/{unknown}")).await.0, 404);
    let empty = format!("{}/v1/payments//charges", world.base);
    let answer = world.http.post(empty).send().await.unwrap();
    assert_eq!(answer.status(), 405);
}

#[tokio::test]
async fn references_are_set_once_and_the_domain_never_changes() {
    let world = world();
    let mut body = embedded("ref-1", 100);
    body["order"].as_object_mut().unwrap().remove("reference");
    let id = world.open(&body).await;
    let path = format!("/v1/payments/{id}/referenceinformation");
    let set = |reference: &str, url: &str| json!({ "reference": reference, "checkoutUrl": url });
    let put = async |body: Value| world.put(&path, Some(&body)).await;
    assert_eq!(put(set("a", "https://evil.example/pay")).await.0, 400);
    assert_eq!(put(json!({ "reference": "a" })).await.0, 400);
    assert_eq!(put(set("a", "https://shop.example/other")).await.0, 204);
    let (status, answer) = put(set("b", "https://shop.example/other")).await;
    assert_eq!((status, wrong_fields(&answer)), (400, vec!["reference"]));
    let mine = json!({ "myReference": "ref-2" });
    let path = format!("/v1/payments/{id}/myreference");
    assert_eq!(world.put(&path, Some(&mine)).await.0, 204);
    let payment = world.read(&id).await;
    assert_eq!(payment["orderDetails"]["reference"], "a");
    assert_eq!(payment["checkout"]["url"], "https://shop.example/other");
    assert_eq!(payment["myReference"], "ref-2");
}

#[tokio::test]
async fn the_thirty_first_retrieve_in_an_hour_is_refused_until_the_hour_is_over() {
    let world = world();
    let id = world.open(&embedded("ref-1", 100)).await;
    for _ in 0..30 {
        world.read(&id).await;
    }
    let path = format!("/v1/payments/{id}");
    assert_eq!(world.get(&path).await.0, 429);
    let off = json!({ "retrieveLimit": false });
    assert_eq!(world.own(Method::PUT, "/_rules", &off).await, (200, off));
    world.read(&id).await;
    let on = json!({ "retrieveLimit": true });
    world.own(Method::PUT, "/_rules", &on).await;
    assert_eq!(world.get(&path).await.0, 429);
    world.move_clock(3_600).await;
    world.read(&id).await;
}

//! What Nexi refuses of a create, each time one thing of a good order.

use serde_json::{Value, json};

use super::world::*;

/// What is wrong after one change of a good order.
async fn refused(world: &World, pointer: &str, value: Value) -> Vec<String> {
    let mut body = embedded("ref-1", 100);
    body["notifications"] = world.hooks(&["payment.created"]);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match name.parse::<usize>() {
        Ok(at) => parent[at] = value,
        Err(_) => parent[name] = value,
    }
    let (status, answer) = world.post("/v1/payments", &body).await;
    assert_eq!(status, 400, "{pointer} {answer:#}");
    wrong_fields(&answer)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

async fn each_is_refused<const N: usize>(cases: [(&str, Value, &str); N]) {
    let world = world();
    for (pointer, value, field) in cases {
        let shown = value.to_string();
        let fields = refused(&world, pointer, value).await;
        assert!(
            fields.iter().any(|name| name == field),
            "{pointer} {shown}: {fields:?}"
        );
    }
}

#[tokio::test]
async fn an_order_that_does_not_add_up_or_has_a_wrong_text_is_refused() {
    each_is_refused([
        ("/order", json!(null), "order"),
        ("/order/amount", json!(101), "order.amount"),
        ("/order/amount", json!("100"), "order.amount"),
        ("/order/amount", json!(3_000_000_000_i64), "order.amount"),
        ("/order/currency", json!("KRONER"), "order.currency"),
        ("/order/reference", json!("a&b"), "order.reference"),
        ("/order/items", json!([]), "order.items"),
        ("/order/items/0/name", json!("a<b"), "order.items[0].name"),
        (
            "/order/items/0/name",
            json!("n".repeat(129)),
            "order.items[0].name",
        ),
        (
            "/order/items/0/unit",
            json!("\"pcs\""),
            "order.items[0].unit",
        ),
        (
            "/order/items/0/quantity",
            json!(-1),
            "order.items[0].quantity",
        ),
        (
            "/order/items/0/taxRate",
            json!(100_000),
            "order.items[0].taxRate",
        ),
        (
            "/order/items/0/taxAmount",
            json!(20),
            "order.items[0].grossTotalAmount",
        ),
        (
            "/order/items/0/unitPrice",
            json!(99),
            "order.items[0].netTotalAmount",
        ),
        ("/myReference", json!("r".repeat(37)), "myReference"),
    ])
    .await;
}

#[tokio::test]
async fn a_checkout_names_terms_and_the_pages_of_its_type() {
    each_is_refused([
        ("/checkout", json!(null), "checkout"),
        ("/checkout/termsUrl", json!(null), "checkout.termsUrl"),
        ("/checkout/url", json!(null), "checkout.url"),
        ("/checkout/url", json!("shop.example"), "checkout.url"),
        (
            "/checkout/url",
            json!(format!("https://a.example/{}", "x".repeat(256))),
            "checkout.url",
        ),
        (
            "/checkout/integrationType",
            json!("embeddedCheckout"),
            "checkout.integrationType",
        ),
        (
            "/checkout/integrationType",
            json!("HostedPaymentPage"),
            "checkout.returnUrl",
        ),
        ("/checkout/countryCode", json!("NO"), "checkout.countryCode"),
    ])
    .await;
}

#[tokio::test]
async fn a_consumer_is_one_kind_and_has_whole_addresses_and_phones() {
    let address = json!({
        "addressLine1": "Gata 1", "postalCode": "1 155", "city": "Oslo", "country": "NOR",
    });
    let alpha2 = json!({
        "addressLine1": "Gata 1", "postalCode": "0155", "city": "Oslo", "country": "NO",
    });
    let person = json!({ "firstName": "Kari" });
    each_is_refused([
        (
            "/checkout/consumer",
            json!({ "privatePerson": person, "company": { "name": "AS" } }),
            "checkout.consumer",
        ),
        (
            "/checkout/consumer",
            json!({ "phoneNumber": { "prefix": "+47", "number": "900 00 000" } }),
            "checkout.consumer.phoneNumber.number",
        ),
        (
            "/checkout/consumer",
            json!({ "phoneNumber": { "number": "90000000" } }),
            "checkout.consumer.phoneNumber.prefix",
        ),
        (
            "/checkout/consumer",
            json!({ "shippingAddress": address }),
            "checkout.consumer.shippingAddress.postalCode",
        ),
        (
            "/checkout/consumer",
            json!({ "shippingAddress": alpha2 }),
            "checkout.consumer.shippingAddress.country",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_webhook_needs_https_a_known_event_and_a_plain_authorization() {
    let world = world();
    let hook = |change: (&str, Value)| {
        let mut hook = world.hooks(&["payment.created"])["webHooks"][0].clone();
        hook[change.0] = change.1;
        hook
    };
    for (field, value) in [
        ("url", json!("http://shop.example/hook")),
        ("url", json!("https://shop.example/hook?a=1&b=2")),
        (
            "url",
            json!(format!("https://shop.example/{}", "x".repeat(256))),
        ),
        ("eventName", json!("payment.finished")),
        ("authorization", json!("short")),
        ("authorization", json!("with-a-dash-in-it")),
        ("authorization", json!("a".repeat(65))),
    ] {
        let hook = hook((field, value));
        let fields = refused(&world, "/notifications/webHooks/0", hook).await;
        assert_eq!(fields, [format!("notifications.webHooks[0].{field}")]);
    }
    let many = world.hooks(&["payment.created"; 33])["webHooks"].clone();
    let fields = refused(&world, "/notifications/webHooks", many).await;
    assert_eq!(fields, ["notifications.webHooks"]);
}

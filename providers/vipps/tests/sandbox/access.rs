//! Tokens, keys and sales units: who may call at all.

use reqwest::Method;
use serde_json::Value;

use super::world::{OTHER_UNIT, payment, read, world};

#[tokio::test]
async fn a_token_is_given_for_the_three_headers_and_its_numbers_are_texts() {
    let world = world().await;
    let (status, body) = read(world.token_request("first").send().await.unwrap()).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&"Bearer".into(), &"3600".into())
    );
    assert!(body["expires_on"].is_string() && body["access_token"].as_str().unwrap().len() > 1000);
    let again = world
        .http
        .post(world.url("/accessToken/get"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        again.status(),
        401,
        "the path is found in its other spelling too"
    );
}

#[tokio::test]
async fn wrong_credentials_are_refused_by_the_gateway_or_in_the_words_of_oauth() {
    let world = world().await;
    let send = async |headers: &[(&str, &str)]| {
        let mut request = world.http.post(world.url("/accesstoken/get"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.unwrap()).await
    };
    let id = ("client_id", "client-id-of-the-first");
    let key = ("Ocp-Apim-Subscription-Key", "subscription-key-of-the-first");
    let (status, body) = send(&[id]).await;
    assert_eq!(
        (status.as_u16(), &body["statusCode"]),
        (401, &401.into()),
        "no subscription key"
    );
    let (status, body) = send(&[id, key]).await;
    assert_eq!(
        (status.as_u16(), &body["error"]),
        (400, &"invalid_request".into())
    );
    let (status, body) = send(&[id, key, ("client_secret", "wrong")]).await;
    assert_eq!(
        (status.as_u16(), &body["error"]),
        (401, &"unauthorized_client".into())
    );
    assert!(body["error_codes"].is_array());
}

#[tokio::test]
async fn a_token_ends_after_an_hour() {
    let world = world().await;
    world.authorized("order-0001").await;
    let path = "/epayment/v1/payments/order-0001";
    let clock = serde_json::json!({ "offsetSeconds": 3601 });
    world.control(Method::PUT, "/_clock", &clock).await;
    assert_eq!(world.call(Method::GET, path, None).await.0, 401);
    world.renew_token().await;
    assert_eq!(world.call(Method::GET, path, None).await.0, 200);
}

#[tokio::test]
async fn every_missing_or_foreign_header_is_refused() {
    let world = world().await;
    let path = "/epayment/v1/payments/order-0001";
    let without = async |name: &str| {
        let mut request = world.request(Method::GET, path).build().unwrap();
        request.headers_mut().remove(name);
        read(world.http.execute(request).await.unwrap()).await
    };
    assert_eq!(without("Ocp-Apim-Subscription-Key").await.0, 401);
    assert_eq!(without("Authorization").await.0, 401);
    let (status, body) = without("Merchant-Serial-Number").await;
    assert_eq!(
        (status.as_u16(), &body["extraDetails"][0]["name"]),
        (400, &Value::from("Merchant-Serial-Number"))
    );
    let mut request = world.request(Method::GET, path).build().unwrap();
    let unit = OTHER_UNIT.parse().unwrap();
    request.headers_mut().insert("Merchant-Serial-Number", unit);
    assert_eq!(world.http.execute(request).await.unwrap().status(), 403);
}

#[tokio::test]
async fn another_sales_units_payment_is_not_found() {
    let world = world().await;
    world.create(&payment("order-0001")).await;
    let (_, token) = read(world.token_request("second").send().await.unwrap()).await;
    let answer = world
        .http
        .get(world.url("/epayment/v1/payments/order-0001"))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .header(
            "Ocp-Apim-Subscription-Key",
            "subscription-key-of-the-second",
        )
        .header("Merchant-Serial-Number", OTHER_UNIT)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 404);
}

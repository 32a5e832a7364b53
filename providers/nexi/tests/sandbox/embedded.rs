//! `checkout.js`, the frame that it draws, and what the frame tells the page around.

use reqwest::Response;
use serde_json::Value;

use super::world::*;

const PAGE: &str = "https://shop.example/pay";

fn frame(world: &World, id: &str, parent: &str) -> String {
    format!(
        "{}/checkout/frame?checkoutKey={CHECKOUT_KEY}&paymentId={id}&parent={parent}&language=sv-SE",
        world.base
    )
}

/// What a page of the frame tells.
fn tells(html: &str) -> Vec<Value> {
    let start = html.find("data-tells=\"").unwrap() + 12;
    let end = html[start..].find('"').unwrap() + start;
    let text = html[start..end]
        .replace("&#34;", "\"")
        .replace("&#38;", "&");
    serde_json::from_str(&text).unwrap()
}

async fn told(answer: Response) -> Vec<Value> {
    assert_eq!(answer.status(), 200);
    tells(&answer.text().await.unwrap())
}

#[tokio::test]
async fn the_script_defines_the_checkout_and_knows_where_its_frame_is() {
    let world = world();
    let script = format!("{}/v1/checkout.js?v=1", world.base);
    let answer = world.http.get(script).send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/javascript"));
    let text = answer.text().await.unwrap();
    assert!(text.contains(&format!("\"frameUrl\":\"{}/checkout/frame\"", world.base)));
    assert!(text.contains("window.Dibs.Checkout") && !text.contains("SETTINGS"));
}

#[tokio::test]
async fn only_the_page_that_the_payment_names_may_embed_the_frame() {
    let world = world();
    let id = world.open(&embedded("ref-1", 34_900)).await;
    let answer = world
        .http
        .get(frame(&world, &id, PAGE))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.contains("frame-ancestors https://shop.example"),
        "{policy}"
    );
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    let html = answer.text().await.unwrap();
    assert!(html.contains("NOK 349.00") && html.contains("sv-SE"));
    assert!(html.contains("data-parent=\"https://shop.example\""));
    for parent in [
        "https://shop.example/other",
        "https://evil.example/pay",
        "https://shop.example.evil.example/pay",
        "http://shop.example/pay",
        "",
    ] {
        let answer = world
            .http
            .get(frame(&world, &id, parent))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{parent}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(policy.contains("frame-ancestors 'none'"));
    }
    let foreign = frame(&world, &id, PAGE).replace(CHECKOUT_KEY, "another-checkout-key");
    assert_eq!(world.http.get(foreign).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_payment_tells_twice_that_it_is_completed() {
    let world = world();
    let id = world.open(&embedded("ref-1", 100)).await;
    let frame = frame(&world, &id, PAGE);
    assert!(
        told(world.http.get(&frame).send().await.unwrap())
            .await
            .is_empty()
    );
    for answer in [
        world.form(&frame, &card_form(GOOD)).await,
        world.http.get(&frame).send().await.unwrap(),
    ] {
        let told = told(answer).await;
        assert_eq!(told.len(), 2);
        for event in told {
            assert_eq!(text(&event, "/event"), "payment-completed");
            assert_eq!(text(&event, "/paymentId"), id);
        }
    }
}

#[tokio::test]
async fn a_declined_card_tells_nothing_and_shows_why() {
    let world = world();
    let id = world.open(&embedded("ref-1", 100)).await;
    let frame = frame(&world, &id, PAGE);
    let html = world
        .form(&frame, &card_form(DECLINED))
        .await
        .text()
        .await
        .unwrap();
    assert!(tells(&html).is_empty() && html.contains("The payment was declined"));
    let html = world
        .form(&frame, &card_form("4111111111111111"))
        .await
        .text()
        .await
        .unwrap();
    assert!(html.contains("test cards") && !html.contains("4111"));
}

#[tokio::test]
async fn the_bank_sends_back_to_the_page_with_its_own_query_kept() {
    let world = world();
    let id = world.open(&embedded("ref-1", 100)).await;
    let frame = frame(&world, &id, PAGE);
    let back = format!("https://shop.example/pay?order=7&paymentId={id}");
    for (word, expected) in [
        ("fail", format!("{back}&paymentFailed=true")),
        ("approve", back),
    ] {
        let told = told(world.form(&frame, &card_form(SECURE)).await).await;
        assert_eq!(text(&told[0], "/event"), "redirect");
        let url = text(&told[0], "/url");
        assert!(url.starts_with(&world.base));
        let answer = world.form(url, &format!("answer={word}")).await;
        assert_eq!(location(&answer), expected);
    }
    let told = told(world.http.get(&frame).send().await.unwrap()).await;
    assert_eq!(text(&told[0], "/event"), "payment-completed");
}

#[tokio::test]
async fn a_terminated_payment_is_shown_as_closed_and_tells_nothing() {
    let world = world();
    let id = world.open(&embedded("ref-1", 100)).await;
    world
        .put(&format!("/v1/payments/{id}/terminate"), None)
        .await;
    let frame = frame(&world, &id, PAGE);
    let html = world
        .form(&frame, &card_form(GOOD))
        .await
        .text()
        .await
        .unwrap();
    assert!(tells(&html).is_empty() && html.contains("This payment is closed"));
}

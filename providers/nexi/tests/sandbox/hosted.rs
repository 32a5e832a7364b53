//! The hosted page and the bank's, as a browser without a script sees them.

use serde_json::{Value, json};

use super::world::*;

async fn open(world: &World, body: &Value) -> (String, String) {
    let (status, answer) = world.post("/v1/payments", body).await;
    assert_eq!(status, 201, "{answer:#}");
    let page = format!("{}&language=nb-NO", text(&answer, "/hostedPaymentPageUrl"));
    (text(&answer, "/paymentId").to_owned(), page)
}

async fn html(world: &World, url: &str) -> String {
    let answer = world.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn the_page_runs_no_script_and_is_embedded_nowhere() {
    let world = world();
    let (_, page) = open(&world, &hosted("ref-1", 34_900)).await;
    let answer = world.http.get(&page).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(
        !policy.contains("script-src") && !policy.contains("unsafe"),
        "{policy}"
    );
    let html = answer.text().await.unwrap();
    assert!(
        html.contains("NOK 349.00") && html.contains("nb-NO"),
        "{html}"
    );
    assert!(html.contains("href=\"https://shop.example/cancel?order=7\""));
    assert!(html.contains("width=device-width") && !html.contains("<script"));
    let style = format!("{}/checkout/style.css", world.base);
    assert!(html.contains("/sandbox/nexi/checkout/style.css"));
    assert_eq!(world.http.get(style).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_payer_who_paid_goes_back_with_the_id_in_lower_case() {
    let world = world();
    let (id, page) = open(&world, &hosted("ref-1", 100)).await;
    let expected = format!("https://shop.example/done?order=7&paymentid={id}");
    let answer = world.form(&page, &card_form(GOOD)).await;
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, expected.as_str())
    );
    assert_eq!(world.read(&id).await["summary"]["reservedAmount"], 100);
    let again = world.http.get(&page).send().await.unwrap();
    assert_eq!(location(&again), expected);
}

#[tokio::test]
async fn a_declined_card_is_told_and_another_may_be_tried() {
    let world = world();
    let (id, page) = open(&world, &hosted("ref-1", 100)).await;
    let answer = world.form(&page, &card_form(DECLINED)).await;
    let back = format!("http://{}", world.base.split('/').nth(2).unwrap()) + location(&answer);
    assert!(
        html(&world, &back)
            .await
            .contains("The payment was declined")
    );
    assert_eq!(world.read(&id).await["summary"], json!({}));
    let answer = world.form(&page, &card_form(GOOD)).await;
    assert!(location(&answer).starts_with("https://shop.example/done"));
}

#[tokio::test]
async fn the_bank_decides_and_its_answer_counts_once() {
    let world = world();
    let (id, page) = open(&world, &hosted("ref-1", 100)).await;
    let bank = world.form(&page, &card_form(SECURE)).await;
    let bank = location(&bank).to_owned();
    let shown = html(&world, &bank).await;
    assert!(
        shown.contains("426827******4847") && shown.contains("NOK 1.00"),
        "{shown}"
    );
    let failed = world.form(&bank, "answer=fail").await;
    assert!(location(&failed).starts_with(&format!("{}/hostedpaymentpage/", world.base)));
    assert!(
        html(&world, &page)
            .await
            .contains("not confirmed at your bank")
    );
    world.form(&bank, "answer=approve").await;
    assert_eq!(
        world.read(&id).await["summary"],
        json!({}),
        "the challenge was over"
    );

    let bank = world.form(&page, &card_form(SECURE)).await;
    let approved = world.form(location(&bank), "answer=approve").await;
    assert_eq!(
        location(&approved),
        format!("https://shop.example/done?order=7&paymentid={id}")
    );
    assert_eq!(world.read(&id).await["summary"]["reservedAmount"], 100);
}

#[tokio::test]
async fn only_test_cards_are_taken_and_no_number_is_repeated() {
    let world = world();
    let (id, page) = open(&world, &hosted("ref-1", 100)).await;
    for form in [
        card_form("4111111111111111"),
        format!("number={GOOD}&expiry=12%2F20&cvc=123"),
        format!("number={GOOD}&expiry=12%2F33&cvc=4111"),
    ] {
        let answer = world.form(&page, &form).await;
        assert_eq!(answer.status(), 200);
        let html = answer.text().await.unwrap();
        assert!(
            html.contains("role=\"alert\"") && !html.contains("4111"),
            "{html}"
        );
    }
    assert_eq!(world.read(&id).await["summary"], json!({}));
}

#[tokio::test]
async fn any_card_of_the_list_can_be_chosen_one_after_the_other() {
    let world = world();
    let (_, page) = open(&world, &hosted("ref-1", 100)).await;
    let chosen = html(&world, &format!("{page}&card=amex")).await;
    assert!(chosen.contains("value=\"3762 0600 0000 009\""), "{chosen}");
    assert!(!chosen.contains("card=amex&amp;card=") && !chosen.contains("card=amex&#38;card="));
    html(&world, &format!("{page}&card=nothing")).await;
}

#[tokio::test]
async fn a_wrong_key_or_an_embedded_payment_has_no_page() {
    let world = world();
    let (_, page) = open(&world, &hosted("ref-1", 100)).await;
    let id = world.open(&embedded("ref-2", 100)).await;
    for url in [
        page.replace(CHECKOUT_KEY, "another-checkout-key"),
        page.replace(CHECKOUT_KEY, ""),
        format!(
            "{}/hostedpaymentpage/?checkoutKey={CHECKOUT_KEY}&pid={id}",
            world.base
        ),
        format!("{}/hostedpaymentpage/", world.base),
        format!("{}/checkout/3ds/{id}/{id}", world.base).replace(&id, &"0".repeat(32)),
    ] {
        assert_eq!(
            world.http.get(&url).send().await.unwrap().status(),
            404,
            "{url}"
        );
    }
}

#[tokio::test]
async fn what_the_merchant_wrote_is_escaped() {
    let world = world();
    let mut body = hosted("ref-1", 100);
    body["order"]["items"][0]["name"] = json!("\"&'; onload=x");
    let (_, page) = open(&world, &body).await;
    let evil = format!("{page}%22%3E%3Cscript%3E");
    let html = html(&world, &evil).await;
    assert!(
        !html.contains("<script") && !html.contains("\"&'"),
        "{html}"
    );
}

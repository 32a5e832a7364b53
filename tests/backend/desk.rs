//! The demo's merchant desk: pages of forms, without a script and without a secret.

use mcpay::cli::{DEMO_OAUTH_SECRET, DEMO_SIGNING_SECRET};

use super::merchant::{Merchant, payment_of};
use crate::on_both_databases;
use crate::support::client::Answer;
use crate::support::world::{StartedPayment, World};

/// Sends a form of the desk.
async fn sends(world: &World, payment: &StartedPayment, form: &str) -> Answer {
    let url = world.url(&format!("/demo/merchant/{}", payment.reference));
    let request = world
        .http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    world.sends(request).await
}

/// The page has no script, no secret and nothing from elsewhere.
fn is_plain(page: &Answer) {
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("script-src"), "{policy}");
    for forbidden in [
        "<script",
        "<style",
        " style=",
        DEMO_OAUTH_SECRET,
        DEMO_SIGNING_SECRET,
        "Bearer",
    ] {
        assert!(!page.text.contains(forbidden), "{forbidden}: {}", page.text);
    }
}

on_both_databases! {
    async fn a_payment_is_captured_and_refunded_by_forms_that_can_be_sent_twice(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        let list = world.get("/demo/merchant").await.expect(200);
        is_plain(&list);
        assert!(list.text.contains(&payment.reference), "{}", list.text);
        let page = world.get(&format!("/demo/merchant/{}", payment.reference)).await.expect(200);
        is_plain(&page);

        for _ in 0..2 {
            let page = sends(world, &payment, "verb=capture&key=one&amount=60.00").await.expect(200);
            is_plain(&page);
            assert!(page.text.contains("&#34;done&#34;") || page.text.contains("&quot;done&quot;"), "{}", page.text);
        }
        sends(world, &payment, "verb=refund&key=two&amount=").await.expect(200);

        let read = merchant.reads(&payment).await;
        assert_eq!((&read["capturedAmount"], &read["refundedAmount"]), (&"60.00".into(), &"60.00".into()));
        assert_eq!(world.count_calls(&payment.reference, "capture").await, 1);
    }

    async fn a_form_that_cannot_be_carried_out_shows_why(world) {
        let merchant = Merchant::of(world).await;
        let payment = merchant.has_authorized().await;
        let page = sends(world, &payment, "verb=capture&key=k&amount=100.01").await.expect(200);
        assert!(page.text.contains("amount_exceeded"), "{}", page.text);
        assert_eq!(sends(world, &payment, "verb=steal&key=k").await.problem(400)["code"], "invalid_request");
    }

    async fn an_agreement_is_charged_and_stopped_at_the_desk(world) {
        let merchant = Merchant::of(world).await;
        let (first, agreement) = merchant.has_subscriber().await;
        let page = sends(world, &first, "verb=charge&key=c&amount=349.00").await.expect(200);
        assert!(page.text.contains("success"), "{}", page.text);
        let newest = merchant.gets("payment?limit=1").await.expect(200).json();
        // An agreement is not stopped while one of its payments is authorised and not captured.
        merchant.sees(&payment_of(&newest["payments"][0]), "captured").await;
        sends(world, &first, "verb=stop&key=s").await.expect(200);
        let read = merchant.gets(&format!("agreement/{agreement}")).await.expect(200).json();
        assert_eq!(read["status"], "stopped");
    }
}

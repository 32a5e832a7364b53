//! Both flows from `paymentInit` to the events, and every way in which a checkout can end.

use chrono::TimeDelta;
use serde_json::json;
use url::Url;

use super::{
    IS_CHALLENGED, IS_DECLINED, PAYS, SOON, at_nexi, page_of, redirect, seamless, sends_form,
    types_card, with,
};
use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::witness::wait_for;
use crate::support::world::World;

/// The demo client's `pay_within` and a bit.
const TOO_LATE: TimeDelta = TimeDelta::minutes(61);

/// The browser comes back from Nexi, and the waiting page asks again, as it does, until it leads to
/// the shop: an answer of this very second may be one from before the payer paid.
async fn goes_home(world: &World, back: &Url) -> Url {
    wait_for("the shop", SOON, async || {
        let answer = world.get(back.as_str()).await;
        (answer.status == 303).then(|| answer.location())
    })
    .await
}

on_both_databases! {
    async fn a_payment_on_nexis_page_is_followed_to_its_events(world) {
        let payment = world.starts(redirect()).await;
        assert_eq!(payment.answer["paymentFlow"], "redirect");
        let page = page_of(&payment);
        assert!(page.path().starts_with("/sandbox/nexi/hostedpaymentpage"), "{page}");
        assert!(page.query_pairs().any(|(name, value)| name == "language" && value == "nb-NO"));

        let back = types_card(world, &page, PAYS).await;
        let home = goes_home(world, &back).await;

        let mut query = home.query_pairs();
        assert!(query.any(|(name, value)| name == "status" && value == "success"), "{home}");
        assert_eq!(home.fragment(), Some("receipt"));
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
        assert_eq!(at_nexi(world, &payment).await["myReference"], payment.reference.as_str());
    }

    async fn a_payment_in_the_merchants_page_is_followed_to_its_events(world) {
        let payment = world.starts(seamless(world)).await;
        let view = &payment.answer["view"];
        assert_eq!((&view["provider"], &view["language"]), (&json!("nexi"), &json!("nb-NO")));
        assert_eq!(view["checkoutKey"], mcpay::cli::DEMO_NEXI_CHECKOUT_KEY);
        assert!(view["scriptUrl"].as_str().unwrap().ends_with("/sandbox/nexi/v1/checkout.js?v=1"));
        let id = world.stored(&payment).await.provider_ref.unwrap();
        assert_eq!(view["paymentId"], id.as_str());
        assert_eq!(&world.status(&payment).await["view"], view, "a page that comes back draws it again");

        world.payer_approves(&payment).await;

        let ended = world.becomes(&payment, "success", SOON).await;
        assert!(ended["view"].is_null(), "{ended}");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
    }

    async fn the_view_lives_on_the_page_that_the_token_names(world) {
        let payment = world.starts(seamless(world)).await;
        let page = world.url(&format!("/shop/checkout?basket=3&mcPayRef={}", payment.reference));
        assert_eq!(at_nexi(world, &payment).await["checkout"]["url"], page.as_str());
    }

    async fn a_page_whose_address_is_too_long_for_nexi_is_refused(world) {
        let address = |length: usize| {
            let page = world.url("/shop/").to_string();
            let own = "?mcPayRef=01890000-0000-7000-8000-000000000000".len();
            format!("{page}{}", "x".repeat(length - page.len() - own))
        };
        let wish = |length| with(seamless(world), json!({ "checkoutUrl": address(length) }));
        world.starts(wish(256)).await;

        let answer = world.payment_init(&world.claims(wish(257))).await;

        let problem = answer.problem(400);
        let error = &problem["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!("checkoutUrl"), &json!("too_long")));
    }

    async fn nothing_that_the_browser_brings_is_believed(world) {
        let payment = world.starts(redirect()).await;
        let other = world.starts(redirect()).await;
        world.payer_approves(&other).await;
        world.becomes(&other, "success", SOON).await;
        let paid = world.stored(&other).await.provider_ref.unwrap();

        for query in [
            format!("paymentid={}&status=success", paid.as_str()),
            format!("paymentId={}", paid.as_str()),
        ] {
            let waiting = world.comes_back(&payment, &query).await.expect(200);
            assert!(waiting.text.contains("349"), "the payer waits: {}", waiting.text);
        }

        assert_eq!(world.status(&payment).await["status"], "pending");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated"]);
    }

    async fn a_payer_who_gives_up_ends_the_payment_at_nexi(world) {
        let payment = world.starts(seamless(world)).await;

        let ended = world.cancels(&payment).await;

        assert_eq!((&ended["status"], &ended["reason"]), (&json!("failure"), &json!("cancel")));
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.cancelled"]);
        assert!(at_nexi(world, &payment).await["terminated"].is_string());
    }

    async fn the_cancel_link_of_nexis_page_ends_the_payment(world) {
        let payment = world.starts(redirect()).await;
        let home = world.comes_back(&payment, "via=cancel").await.expect(303).location();
        assert!(home.query().unwrap().contains("status=failure"), "{home}");
        assert!(at_nexi(world, &payment).await["terminated"].is_string());
    }

    async fn a_declined_card_ends_nothing_and_another_one_pays(world) {
        let payment = world.starts(redirect()).await;
        let page = page_of(&payment);
        types_card(world, &page, IS_DECLINED).await;
        assert_eq!(world.completes(&payment).await["status"], "pending");

        types_card(world, &page, PAYS).await;

        world.becomes(&payment, "success", SOON).await;
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
    }

    async fn the_bank_is_asked_before_the_money_is_there(world) {
        let payment = world.starts(redirect()).await;
        let challenge = types_card(world, &page_of(&payment), IS_CHALLENGED).await;
        assert_eq!(world.status(&payment).await["status"], "pending");

        let back = sends_form(world, &challenge, "answer=approve").await;

        assert!(back.path().ends_with("/return"), "{back}");
        goes_home(world, &back).await;
        assert_eq!(world.status(&payment).await["status"], "success");
    }

    async fn a_payment_that_nobody_finishes_is_closed_at_nexi(world) {
        let payment = world.starts(redirect()).await;

        world.clock.advance(TOO_LATE);

        assert_eq!(world.becomes(&payment, "failure", SOON).await["reason"], "expired");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.expired"]);
        assert!(at_nexi(world, &payment).await["terminated"].is_string());
    }

    async fn a_client_that_captures_at_once_has_its_money_with_the_authorisation(world) {
        let file = ClientFile { capture: "immediate", ..world.client_file() };
        world.applies_at_once(&file).await;
        let payment = world.starts(redirect()).await;

        world.payer_approves(&payment).await;

        world.becomes(&payment, "success", SOON).await;
        wait_for("the capture is told", SOON, async || {
            let events = world.events_of(&payment).await;
            events.contains(&"payment.captured".to_owned()).then_some(())
        })
        .await;
        assert_eq!(at_nexi(world, &payment).await["summary"]["chargedAmount"], 34_900);
    }
}

//! The main job in a few sentences: a card payment, from the shop's token to its events.

use serde_json::json;

use crate::on_both_databases;

on_both_databases! {
    async fn a_card_payment_by_redirect_is_followed_from_the_token_to_its_events(world) {
        let payment = world.starts_payment().await;
        assert_eq!(payment.answer["paymentFlow"], "redirect");
        assert_eq!(world.status(&payment).await["status"], "pending");

        world.payer_approves(&payment).await;
        let back = world.comes_back(&payment, "").await.expect(303).location();

        assert_eq!(
            back.as_str(),
            format!(
                "{}shop/thanks?order=7&mcPayRef={}&status=success#receipt",
                world.base, payment.reference
            )
        );
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.authorized"]
        );
    }

    async fn a_seamless_payment_gives_the_view_and_ends_only_when_the_provider_says_so(world) {
        let payment =
            world.starts(json!({ "paymentFlow": "seamless", "returnUrl": null })).await;
        let view = &payment.answer["view"];
        assert_eq!(view["provider"], "payex");
        assert!(view["scriptUrl"].as_str().unwrap().contains("/checkout/client/"));
        assert_eq!(world.completes(&payment).await["status"], "pending");

        world.payer_approves(&payment).await;

        world.becomes(&payment, "success", std::time::Duration::from_secs(5)).await;
        assert!(world.status(&payment).await.get("view").is_none(), "the view is over");
    }

    async fn a_recurring_payment_takes_the_start_amount_and_opens_an_agreement(world) {
        let payment = world
            .starts(json!({
                "recurring": true, "productSpecCode": "TOTT", "productSpecNo": 1,
                "amount": null, "currency": null,
            }))
            .await;
        world.payer_approves(&payment).await;
        world.comes_back(&payment, "").await.expect(303);

        let events = world.event_bodies_of(&payment).await;
        let types: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(types, ["payment.initiated", "payment.authorized", "agreement.activated"]);
        assert_eq!(events[1].data["authorizedAmount"], "1.00");
        assert_eq!(events[1].data["agreementId"], events[2].subject.as_str());
    }

    async fn a_payer_who_gives_up_at_the_provider_is_told_as_cancelled(world) {
        let payment = world.starts_payment().await;
        world.payer_cancels(&payment).await;
        let back = world.comes_back(&payment, "via=cancel").await.expect(303).location();
        assert!(back.query().unwrap().ends_with("status=failure"), "{back}");
        let status = world.status(&payment).await;
        assert_eq!((&status["status"], &status["reason"]), (&json!("failure"), &json!("cancel")));
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.cancelled"]
        );
    }
}

//! What a page and a returning browser see of a payment (4.2, 4.3, 4.4).

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::on_both_databases;
use crate::support::client::Answer;
use crate::support::world::{StartedPayment, World};

/// The seamless flow with a page and without a returnUrl.
async fn starts_seamless(world: &World) -> StartedPayment {
    world
        .starts(json!({ "paymentFlow": "seamless", "returnUrl": null }))
        .await
}

async fn inquiries(world: &World, payment: &StartedPayment) -> usize {
    let calls = world.provider_saw(&payment.reference).await;
    calls.iter().filter(|call| *call == "inquire").count()
}

on_both_databases! {
    async fn a_browser_that_comes_back_to_nothing_gets_a_page_and_a_program_a_problem(world) {
        let path = "/capi/mcpay/payments/019a8d4e-7b7c-7d3e-8f00-0123456789ab/return";
        let url = world.base.join(path).unwrap();
        let asked = world.http.get(url).header("accept", "text/html,*/*;q=0.8").send().await;
        let page = Answer::of(asked.unwrap()).await.expect(404);
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(page.text.contains("There is no such payment."), "{}", page.text);
        assert!(!page.text.contains("http-equiv"), "asking again would not help");
        world.get(path).await.problem(404);
    }

    async fn a_query_that_others_added_to_or_repeated_strands_nobody(world) {
        let payment = world.starts_payment().await;
        world.payer_approves(&payment).await;
        let query = "k=a&k=b&waiting=maybe&waiting&%FF=%zz&via=&via=cancel";
        let back = world.comes_back(&payment, query).await.expect(303).location();
        assert!(back.query().unwrap().ends_with("status=success"), "{back}");
    }

    async fn a_pending_payment_gets_a_page_that_waits_goes_on_and_can_be_cancelled(world) {
        let payment = world.starts_payment().await;
        let answer = world.comes_back(&payment, "k=some-key").await.expect(200);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        let page = &answer.text;
        assert!(page.contains(r#"http-equiv="refresh""#), "it goes on without JavaScript");
        assert!(page.contains(r#"name="via" value="cancel""#), "it has a way out");
        assert!(page.contains("NOK 349.00"), "it says what it is about");
        assert!(page.contains("k=some-key"), "it keeps the key of the return");
        assert!(!page.contains("<script"), "it needs no script");
        assert!(!page.contains("http://") && !page.contains("https://"), "nothing from outside");
    }

    async fn what_the_query_brings_is_shown_as_text_and_never_as_markup(world) {
        let payment = world.starts_payment().await;
        let query = "k=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
        let answer = world.comes_back(&payment, query).await.expect(200);
        assert!(!answer.text.contains("<script"), "{}", answer.text);
    }

    async fn the_description_is_shown_as_text_and_never_as_markup(world) {
        let description = "<b onclick=x>\"&amp;'";
        let payment = world.starts(json!({ "description": description })).await;
        let answer = world.comes_back(&payment, "").await.expect(200);
        assert!(!answer.text.contains("<b onclick"), "{}", answer.text);
    }

    async fn the_way_out_closes_the_payment_at_the_provider(world) {
        let payment = world.starts_payment().await;
        let back = world.comes_back(&payment, "via=cancel").await.expect(303);
        assert_eq!(back.header("cache-control"), "no-store");
        let status = world.status(&payment).await;
        assert_eq!((&status["status"], &status["reason"]), (&json!("failure"), &json!("cancel")));
        let calls = world.provider_saw(&payment.reference).await;
        assert_eq!(calls.iter().filter(|call| *call == "cancel").count(), 1, "{calls:?}");
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.cancelled"]);
    }

    async fn a_query_that_claims_something_changes_nothing(world) {
        let payment = world.starts_payment().await;
        for query in [
            "status=success", "status=failure&reason=cancel", "mcPayRef=other&status=success",
            "paymentStatus=Paid", "via=success", "via=Cancel", "k=x&state=Paid",
        ] {
            world.comes_back(&payment, query).await.expect(200);
            assert_eq!(world.status(&payment).await["status"], "pending", "{query}");
        }
        world.payer_approves(&payment).await;
        let back = world.comes_back(&payment, "status=failure&via=x").await;
        let back = if back.status == 200 {
            // The answer of a moment ago was reused; callback or refresh bring the new one.
            world.becomes(&payment, "success", Duration::from_secs(5)).await;
            world.comes_back(&payment, "status=failure").await
        } else {
            back
        };
        let location = back.expect(303).location();
        assert!(location.query().unwrap().ends_with("status=success"), "{location}");
    }

    async fn query_and_fragment_of_the_return_url_are_kept_as_they_are(world) {
        for (url, wanted) in [
            ("/t?a=1&a=2&b=%C3%A6+x#top", "/t?a=1&a=2&b=%C3%A6+x&mcPayRef={}&status=success#top"),
            ("/t", "/t?mcPayRef={}&status=success"),
            ("/t?#", "/t?mcPayRef={}&status=success#"),
            ("/spa#/done?x=1", "/spa?mcPayRef={}&status=success#/done?x=1"),
        ] {
            let payment = world.starts(json!({ "returnUrl": world.url(url).to_string() })).await;
            world.payer_approves(&payment).await;
            let location = world.comes_back(&payment, "").await.expect(303).location();
            let wanted = wanted.replace("{}", &payment.reference);
            assert_eq!(location.as_str(), world.url(&wanted).as_str(), "{url}");
        }
    }

    async fn an_unknown_reference_is_one_and_the_same_404(world) {
        let unknown = uuid::Uuid::new_v4().to_string();
        let mut first = None;
        for reference in [unknown.as_str(), "x", "%00", "..%2f..", "0", "00000000-0000-0000-0000-0"] {
            let at = |end: &str| format!("/capi/mcpay/payments/{reference}{end}");
            for answer in [
                world.get(&at("")).await,
                world.get(&at("/return")).await,
                world.post(&at("/complete"), &json!({})).await,
                world.post(&at("/cancel"), &json!({})).await,
            ] {
                let mut problem = answer.problem(404);
                problem.as_object_mut().unwrap().remove("requestId");
                assert_eq!(first.get_or_insert(problem.clone()), &problem, "{reference}");
            }
        }
    }

    async fn without_a_return_url_the_way_back_is_the_page_of_the_shop(world) {
        let payment = starts_seamless(world).await;
        world.payer_approves(&payment).await;
        let location = world.comes_back(&payment, "").await.expect(303).location();
        let wanted = format!("/shop/pay?mcPayRef={}&status=success", payment.reference);
        assert_eq!(location.as_str(), world.url(&wanted).as_str());
    }

    async fn the_view_is_given_again_only_while_the_payment_is_pending(world) {
        let payment = starts_seamless(world).await;
        let pending = world.status(&payment).await;
        assert_eq!(pending["view"], payment.answer["view"]);
        assert!(world.starts_payment().await.answer.get("view").is_none());
        let over = world.cancels(&payment).await;
        assert_eq!((&over["status"], &over["reason"]), (&json!("failure"), &json!("cancel")));
        assert!(over.get("view").is_none(), "{over}");
        assert!(world.status(&payment).await.get("view").is_none());
    }

    async fn who_cancels_what_is_already_paid_is_told_of_the_success(world) {
        let payment = starts_seamless(world).await;
        world.payer_approves(&payment).await;
        let told = world.cancels(&payment).await;
        assert_eq!(told["status"], "success");
        let calls = world.provider_saw(&payment.reference).await;
        assert!(!calls.contains(&"cancel".to_owned()), "paid money is not touched: {calls:?}");
        assert_eq!(world.comes_back(&payment, "via=cancel").await.expect(303).location().query()
            .map(|query| query.ends_with("status=success")), Some(true));
    }

    async fn cancelling_twice_closes_once(world) {
        let payment = starts_seamless(world).await;
        let told = join_all((0..10).map(|_| world.cancels(&payment))).await;
        assert!(told.iter().any(|told| told["status"] == "failure"), "{told:?}");
        let again = world.cancels(&payment).await;
        assert_eq!((&again["status"], &again["reason"]), (&json!("failure"), &json!("cancel")));
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.cancelled"]);
        let calls = world.provider_saw(&payment.reference).await;
        assert_eq!(calls.iter().filter(|call| *call == "cancel").count(), 1, "{calls:?}");
    }

    async fn a_declined_attempt_ends_nothing_and_another_card_may_pay(world) {
        let payment = starts_seamless(world).await;
        world.payer_declines(&payment).await;
        assert_eq!(world.completes(&payment).await["status"], "pending");
        world.payer_approves(&payment).await;
        world.becomes(&payment, "success", Duration::from_secs(5)).await;
        assert_eq!(world.events_of(&payment).await, ["payment.initiated", "payment.authorized"]);
    }

    async fn the_stored_state_is_read_without_asking_anybody(world) {
        let payment = world.starts_payment().await;
        let before = world.provider_saw(&payment.reference).await;
        assert_eq!(before, ["initiate"], "nothing is asked before there is a reason");
        for _ in 0..20 {
            world.status(&payment).await;
        }
        assert_eq!(world.provider_saw(&payment.reference).await, ["initiate"]);
    }

    async fn parallel_completes_share_their_inquiries(world) {
        let payment = starts_seamless(world).await;
        let began = Instant::now();
        let told = join_all((0..20).map(|_| world.completes(&payment))).await;
        assert!(told.iter().all(|told| told["status"] == "pending"));
        let asked = inquiries(world, &payment).await;
        let seconds = usize::try_from(began.elapsed().as_secs()).unwrap();
        assert!((1..=2 + seconds).contains(&asked), "{asked} inquiries");
    }

    async fn nothing_is_asked_once_a_payment_is_over(world) {
        let payment = starts_seamless(world).await;
        world.cancels(&payment).await;
        let before = world.provider_saw(&payment.reference).await;
        for _ in 0..5 {
            world.completes(&payment).await;
            world.comes_back(&payment, "").await.expect(303);
            world.cancels(&payment).await;
        }
        assert_eq!(world.provider_saw(&payment.reference).await, before);
    }
}

//! What every call says about itself, where it goes, and what an answer makes of it.

use mcpay_port::{
    Attempt, FailureKind, NextStep, PaymentMethod, Profiles, Progress, Provider, ProviderRef,
    Standing, Webhooks,
};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::stage::words::*;
use crate::stage::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_names_itself_and_only_changes_have_a_key() {
    let stage = stage(vec![
        say(200, "epayment-authorized"),
        say(200, "epayment-captured"),
    ]);
    let (vipps, account) = (vipps(), stage.account());
    vipps.inquire(&account, &payment()).await.unwrap();
    vipps
        .capture(&account, operation(), &payment(), nok(100), nok(0))
        .await
        .unwrap();
    let asked = stage.asked();
    for call in &asked {
        let bearer = format!("Bearer {TOKEN}");
        for (name, value) in [
            ("authorization", bearer.as_str()),
            ("ocp-apim-subscription-key", KEY),
            ("merchant-serial-number", "123456"),
            ("vipps-system-name", "mcpay"),
            ("vipps-system-version", env!("CARGO_PKG_VERSION")),
            ("vipps-system-plugin-name", "mcpay-vipps"),
            ("vipps-system-plugin-version", env!("CARGO_PKG_VERSION")),
        ] {
            assert_eq!(call.header(name), Some(value), "{name}");
        }
        assert!(call.header("user-agent").unwrap().starts_with("mcpay/"));
        assert!(
            call.header("accept")
                .unwrap()
                .starts_with("application/json")
        );
    }
    assert_eq!(asked[0].header("idempotency-key"), None);
    assert_eq!(asked[0].header("content-type"), None);
    assert_eq!(asked[1].header("idempotency-key"), Some(OPERATION));
    assert_eq!(asked[1].header("content-type"), Some("application/json"));
    let path = format!("/epayment/v1/payments/{REFERENCE}");
    assert_eq!(
        stage.lines(),
        [format!("GET {path}"), format!("POST {path}/capture")]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_is_created_under_our_reference_and_the_payer_sent_to_its_page() {
    let page = "https://landing.vipps.no?token=eyJ0";
    let stage = stage(vec![Say::Json(
        201,
        json!({ "redirectUrl": page, "reference": REFERENCE }),
    )]);
    let order = order(PaymentMethod::VippsEcommerce);
    let started = vipps()
        .initiate(&stage.account(), operation(), &order)
        .await
        .unwrap();
    assert_eq!(started.next, NextStep::Redirect(page.to_owned()));
    let provider_ref = ProviderRef(format!("epayment/{REFERENCE}"));
    assert_eq!(started.provider_ref, Some(provider_ref));
    assert_eq!(
        stage.asked()[0].body,
        Some(json!({
            "amount": { "currency": "NOK", "value": 34_900 },
            "paymentMethod": { "type": "WALLET" }, "userFlow": "WEB_REDIRECT",
            "reference": REFERENCE, "returnUrl": "https://mcpay.example/return?k=1",
            "paymentDescription": "Digital subscription",
            "customer": { "phoneNumber": "4790000000" },
            "profile": { "scope": "name phoneNumber" },
        }))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agreement_is_drafted_with_its_first_payment() {
    let page = "https://api.vipps.no/v2/register/Zq8";
    let answer = json!({
        "agreementId": AGREEMENT, "uuid": "u", "vippsConfirmationUrl": page,
        "chargeId": REFERENCE,
    });
    let stage = stage(vec![Say::Json(201, answer)]);
    let order = order(PaymentMethod::VippsRecurring);
    let started = vipps()
        .initiate(&stage.account(), operation(), &order)
        .await
        .unwrap();
    assert_eq!(started.next, NextStep::Redirect(page.to_owned()));
    let provider_ref = ProviderRef(format!("agreement/{AGREEMENT}"));
    assert_eq!(started.provider_ref, Some(provider_ref));
    assert_eq!(stage.lines(), ["POST /recurring/v3/agreements"]);
    assert_eq!(stage.asked()[0].header("idempotency-key"), Some(OPERATION));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_without_a_page_to_pay_on_may_have_been_created() {
    for page in [
        json!(null),
        json!("http://landing.vipps.no"),
        json!("vipps://?token=1"),
    ] {
        let stage = stage(vec![Say::Json(201, json!({ "redirectUrl": page }))]);
        let order = order(PaymentMethod::VippsEcommerce);
        let started = vipps()
            .initiate(&stage.account(), operation(), &order)
            .await;
        assert_eq!(kind_of(started), (true, FailureKind::BadAnswer), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_outcome_of_a_create_is_looked_up_by_our_reference() {
    let stage = stage(vec![say(200, "epayment-authorized")]);
    let attempt = Attempt {
        provider_ref: None,
        ..payment()
    };
    let seen = vipps().inquire(&stage.account(), &attempt).await.unwrap();
    assert_eq!(seen.standing, Standing::Approved);
    assert_eq!(Some(seen.provider_ref), payment().provider_ref);
    assert_eq!(
        stage.lines(),
        [format!("GET /epayment/v1/payments/{REFERENCE}")]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_spares_an_authorised_payment_and_a_release_does_not() {
    let script = vec![
        say(200, "epayment-terminated"),
        say(200, "epayment-released"),
    ];
    let stage = stage(script);
    let (vipps, account) = (vipps(), stage.account());
    let closed = vipps.close(&account, operation(), &payment()).await;
    assert_eq!(closed, Ok(Progress::Done));
    let released = vipps.cancel(&account, operation(), &payment()).await;
    assert_eq!(released, Ok(Progress::Done));
    let asked = stage.asked();
    assert_eq!(
        asked[0].body,
        Some(json!({ "cancelTransactionOnly": true }))
    );
    assert_eq!(asked[1].body, None);
    assert_eq!(
        asked[1].header("content-length"),
        Some("0"),
        "its length is told"
    );
    assert_eq!(asked[0].line(), asked[1].line());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_is_refused_when_the_payer_was_faster() {
    for said in [
        say(400, "problem-payer-was-faster"),
        say(200, "epayment-authorized"),
    ] {
        let stage = stage(vec![said]);
        let closed = vipps()
            .close(&stage.account(), operation(), &payment())
            .await;
        assert_eq!(kind_of(closed), (false, FailureKind::Refused));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_would_change_the_url_is_never_sent() {
    let stage = stage(vec![Say::Json(200, json!({}))]);
    let (vipps, account) = (vipps(), stage.account());
    for text in [
        "",
        "epayment/../x",
        "agreement/a?b",
        "charge/agr_1/..",
        "https://evil.example",
    ] {
        let attempt = Attempt {
            provider_ref: Some(ProviderRef(text.to_owned())),
            ..payment()
        };
        let seen = vipps.inquire(&account, &attempt).await;
        assert_eq!(kind_of(seen), (false, FailureKind::NotFound), "{text}");
    }
    for token in ["", "..", "a/b", "a?b"] {
        let mut agreement = agreement();
        agreement.token = token.into();
        let stopped = vipps.stop(&account, operation(), &agreement).await;
        assert_eq!(kind_of(stopped), (false, FailureKind::Misconfigured));
        let charged = vipps
            .charge(&account, operation(), &agreement, &charge_order())
            .await;
        assert_eq!(kind_of(charged), (false, FailureKind::Misconfigured));
    }
    let fetched = vipps.fetch(&account, &"../x".into()).await;
    assert_eq!(kind_of(fetched), (false, FailureKind::NotFound));
    assert_eq!(vipps.remove(&account, "a/b").await, Ok(()));
    assert!(stage.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_is_fetched_without_the_subscription_key_unless_the_account_says_so() {
    let told = json!({ "sub": "3b1f", "name": "Kari Nordmann", "birthdate": "1990-01-01" });
    let stage = stage(vec![Say::Json(200, told.clone())]);
    let vipps = vipps();
    let mut settings = stage.settings();
    let profile = vipps
        .fetch(&account(&settings), &"3b1f".into())
        .await
        .unwrap();
    let read: serde_json::Value = serde_json::from_str(profile.0.expose_secret()).unwrap();
    assert_eq!(read, told);
    settings["userinfo_subscription_key"] = json!(true);
    vipps
        .fetch(&account(&settings), &"3b1f".into())
        .await
        .unwrap();
    let keys: Vec<_> = stage
        .asked()
        .iter()
        .map(|it| it.headers.contains_key("ocp-apim-subscription-key"))
        .collect();
    assert_eq!(keys, [false, true]);
    assert_eq!(stage.lines()[0], "GET /vipps-userinfo-api/userinfo/3b1f");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_are_registered_listed_and_removed() {
    let id = "497f6eca-6276-4993-bfeb-53cbbbba6f08";
    let url = "https://mcpay.example/callbacks/vipps/1";
    let listed = json!({ "webhooks": [{ "id": id, "url": url, "events": ["x"] }] });
    let stage = stage(vec![
        Say::Json(201, json!({ "id": id, "secret": "told-once" })),
        Say::Json(200, listed),
        Say::Raw(204, Vec::new()),
        Say::Raw(404, Vec::new()),
        Say::Raw(500, Vec::new()),
    ]);
    let (vipps, account) = (vipps(), stage.account());
    let registered = vipps
        .register(&account, &url.parse().unwrap())
        .await
        .unwrap();
    assert_eq!((registered.id.as_str(), registered.url.as_str()), (id, url));
    assert_eq!(registered.secret.expose_secret(), "told-once");
    let asked = stage.asked()[0].body.clone().unwrap();
    assert_eq!(asked["url"], url);
    assert_eq!(asked["events"].as_array().unwrap().len(), 17);

    let list = vipps.list(&account).await.unwrap();
    assert_eq!((list[0].id.as_str(), list[0].url.as_str()), (id, url));
    for _ in ["there", "not there any more"] {
        assert_eq!(vipps.remove(&account, id).await, Ok(()));
    }
    let unsure = vipps.remove(&account, id).await;
    assert_eq!(kind_of(unsure), (true, FailureKind::ProviderBroken));
    let path = "/webhooks/v1/webhooks";
    let gone = format!("DELETE {path}/{id}");
    let expected = [
        format!("POST {path}"),
        format!("GET {path}"),
        gone.clone(),
        gone.clone(),
        gone,
    ];
    assert_eq!(stage.lines(), expected);
    assert!(
        stage
            .asked()
            .iter()
            .all(|call| call.header("idempotency-key").is_none())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registration_is_complete_when_it_lacks_no_event_or_does_not_say() {
    let all = stage(vec![Say::Json(201, json!({ "id": "r", "secret": "s" }))]);
    let url = "https://mcpay.example/callbacks/vipps/1".parse().unwrap();
    vipps().register(&all.account(), &url).await.unwrap();
    let wanted = all.asked()[0].body.clone().unwrap()["events"].clone();
    let fewer = json!(wanted.as_array().unwrap()[1..]);
    let listed = [("r1", Some(wanted)), ("r2", Some(fewer)), ("r3", None)]
        .map(|(id, events)| json!({ "id": id, "url": url, "events": events }));
    let stage = stage(vec![Say::Json(200, json!({ "webhooks": listed }))]);
    let list = vipps().list(&stage.account()).await.unwrap();
    let complete: Vec<bool> = list.iter().map(|one| one.complete).collect();
    assert_eq!(complete, [true, false, true]);
}

//! Each row of the table of 4.1, wrong and right, over HTTP.

use serde_json::{Value, json};

use crate::on_both_databases;
use crate::support::world::World;

fn codes_of(problem: &Value) -> Vec<(String, String)> {
    let errors = problem["errors"].as_array().expect("errors are listed");
    let mut codes: Vec<(String, String)> = errors
        .iter()
        .map(|error| {
            assert!(
                error["message"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "every error says what to do: {error}"
            );
            let text = |name: &str| error[name].as_str().unwrap().to_owned();
            (text("field"), text("code"))
        })
        .collect();
    codes.sort();
    codes
}

async fn refuses(world: &World, changes: Value, field: &str, code: &str) {
    let claims = world.claims(changes.clone());
    let problem = world.payment_init(&claims).await.problem(400);
    assert_eq!(problem["code"], "invalid_request", "{changes}");
    let wanted = vec![(field.to_owned(), code.to_owned())];
    assert_eq!(codes_of(&problem), wanted, "{changes}");
}

on_both_databases! {
    async fn a_claim_that_breaks_its_rule_is_named_with_a_code(world) {
        let long = |count: usize| "x".repeat(count);
        let page = |path: &str| world.url(path).to_string();
        let cases = [
            (json!({ "clientCode": null }), "clientCode", "required"),
            (json!({ "clientCode": 7 }), "clientCode", "invalid"),
            (json!({ "paymentMethod": null }), "paymentMethod", "required"),
            (json!({ "paymentMethod": "paypal" }), "paymentMethod", "invalid"),
            (json!({ "paymentMethod": "CreditcardPayex" }), "paymentMethod", "invalid"),
            (json!({ "paymentMethod": ["nexi"] }), "paymentMethod", "invalid"),
            (json!({ "paymentFlow": "popup" }), "paymentFlow", "invalid"),
            (
                json!({ "paymentMethod": "vippsEcommerce", "paymentFlow": "seamless" }),
                "paymentFlow", "not_allowed",
            ),
            (json!({ "paymentScope": "name" }), "paymentScope", "not_allowed"),
            (
                json!({ "paymentMethod": "vippsEcommerce", "paymentScope": "name nin" }),
                "paymentScope", "invalid",
            ),
            (json!({ "productSpecNo": 1 }), "productSpecCode", "required"),
            (json!({ "productSpecCode": "TOTT" }), "productSpecNo", "required"),
            (
                json!({ "productSpecCode": "TOTT", "productSpecNo": "1" }),
                "productSpecNo", "invalid",
            ),
            (
                json!({ "productSpecCode": "TOTT", "productSpecNo": 1.5 }),
                "productSpecNo", "invalid",
            ),
            (
                json!({ "productSpecCode": "TOTT", "productSpecNo": 2 }),
                "productSpecCode", "unknown_coupon",
            ),
            (json!({ "currency": "nok" }), "currency", "invalid"),
            (json!({ "currency": "XXQ" }), "currency", "invalid"),
            (json!({ "amount": null }), "amount", "required"),
            (json!({ "amount": "349" }), "amount", "invalid"),
            (json!({ "amount": 0 }), "amount", "out_of_range"),
            (json!({ "amount": -1 }), "amount", "out_of_range"),
            (json!({ "amount": 1e30 }), "amount", "out_of_range"),
            (json!({ "amount": 349.505 }), "amount", "too_many_decimals"),
            (json!({ "amount": 349.5, "currency": "ISK" }), "amount", "too_many_decimals"),
            (json!({ "vatAmount": -1 }), "vatAmount", "out_of_range"),
            (json!({ "vatAmount": 349.01 }), "vatAmount", "out_of_range"),
            (json!({ "vatAmount": 0.001 }), "vatAmount", "too_many_decimals"),
            (
                json!({ "subscriptionStartAmount": 1 }),
                "subscriptionStartAmount", "not_allowed",
            ),
            (
                json!({ "subscriptionStartAmount": -1, "recurring": true,
                        "productSpecCode": "TOTT", "productSpecNo": 1 }),
                "subscriptionStartAmount", "out_of_range",
            ),
            (json!({ "recurring": null }), "recurring", "required"),
            (json!({ "recurring": "false" }), "recurring", "invalid"),
            (
                json!({ "paymentMethod": "vippsEcommerce", "recurring": true,
                        "productSpecCode": "TOTT", "productSpecNo": 1 }),
                "recurring", "conflict",
            ),
            (json!({ "paymentMethod": "vippsRecurring" }), "recurring", "conflict"),
            (json!({ "description": 5 }), "description", "invalid"),
            (json!({ "description": long(501) }), "description", "too_long"),
            (json!({ "externalReference": null }), "externalReference", "required"),
            (json!({ "externalReference": "" }), "externalReference", "required"),
            (json!({ "externalReference": long(101) }), "externalReference", "too_long"),
            (json!({ "externalReference": "a\u{0}b" }), "externalReference", "invalid"),
            (json!({ "phoneNumber": "123" }), "phoneNumber", "invalid"),
            (json!({ "phoneNumber": 98_765_432 }), "phoneNumber", "invalid"),
            (json!({ "returnUrl": null }), "returnUrl", "required"),
            (json!({ "returnUrl": "/thanks" }), "returnUrl", "invalid"),
            (json!({ "returnUrl": "javascript:alert(1)" }), "returnUrl", "invalid"),
            (json!({ "returnUrl": "https://evil.example/" }), "returnUrl", "not_allowed"),
            (json!({ "checkoutUrl": "https://evil.example/" }), "checkoutUrl", "not_allowed"),
            (
                json!({ "paymentMethod": "nexi", "paymentFlow": "seamless" }),
                "checkoutUrl", "required",
            ),
            (
                json!({ "paymentMethod": "nexi", "paymentFlow": "seamless",
                        "checkoutUrl": page(&long(230)) }),
                "checkoutUrl", "too_long",
            ),
        ];
        for (changes, field, code) in cases {
            refuses(world, changes, field, code).await;
        }
        let with_user = format!("http://shop@localhost:{}/", world.base.port().unwrap());
        refuses(world, json!({ "returnUrl": with_user }), "returnUrl", "invalid").await;
    }

    async fn a_recurring_payment_needs_a_coupon(world) {
        let problem = world.payment_init(&world.claims(json!({ "recurring": true }))).await;
        let codes = codes_of(&problem.problem(400));
        let required = |field: &str| (field.to_owned(), "required".to_owned());
        assert_eq!(codes, [required("productSpecCode"), required("productSpecNo")]);
    }

    async fn all_broken_fields_are_told_at_once(world) {
        let claims = world.claims(json!({
            "paymentMethod": "paypal", "paymentFlow": "popup", "paymentScope": 1,
            "productSpecCode": 2, "productSpecNo": "x", "currency": "nok", "amount": "1",
            "vatAmount": -1, "subscriptionStartAmount": true, "recurring": "yes",
            "description": {}, "externalReference": null, "phoneNumber": "1",
            "returnUrl": "x", "checkoutUrl": 3,
        }));
        let problem = world.payment_init(&claims).await.problem(400);
        let fields: Vec<String> = codes_of(&problem).into_iter().map(|(field, _)| field).collect();
        let wanted = [
            "amount", "checkoutUrl", "currency", "description", "externalReference",
            "paymentFlow", "paymentMethod", "paymentScope", "phoneNumber", "productSpecCode",
            "productSpecNo", "recurring", "returnUrl", "subscriptionStartAmount", "vatAmount",
        ];
        assert_eq!(fields, wanted);
    }

    async fn no_error_repeats_what_was_sent(world) {
        let claims = world.claims(json!({
            "paymentMethod": "marker-one", "currency": "marker-two", "phoneNumber": "+4712marker",
            "returnUrl": "https://marker.example/", "description": ["marker"],
        }));
        let answer = world.payment_init(&claims).await;
        answer.problem(400);
        let answer = world.payment_init(&claims).await;
        assert!(!answer.text.contains("marker"), "{}", answer.text);
    }

    async fn every_rule_can_be_kept(world) {
        let coupon = json!({ "productSpecCode": "TOTT", "productSpecNo": 1 });
        let with_coupon = |more: Value| {
            let mut all = coupon.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let cases = [
            (json!({ "amount": 349.50 }), "349.50 NOK"),
            (json!({ "amount": 0.01 }), "0.01 NOK"),
            (json!({ "amount": 5, "currency": "EUR" }), "5.00 EUR"),
            (json!({ "currency": null }), "349.00 NOK"),
            (json!({ "vatAmount": 0 }), "349.00 NOK"),
            (json!({ "vatAmount": 349 }), "349.00 NOK"),
            (with_coupon(json!({ "amount": null, "currency": null })), "349.00 NOK"),
            (with_coupon(json!({ "amount": 10 })), "10.00 NOK"),
            (with_coupon(json!({ "recurring": true, "amount": null })), "1.00 NOK"),
            (
                with_coupon(json!({ "recurring": true, "subscriptionStartAmount": 20 })),
                "20.00 NOK",
            ),
            (
                with_coupon(json!({ "recurring": true, "subscriptionStartAmount": 0 })),
                "0.00 NOK",
            ),
            (json!({ "description": "x".repeat(500) }), "349.00 NOK"),
            (json!({ "externalReference": "æ".repeat(100) }), "349.00 NOK"),
            (json!({ "phoneNumber": "+4798765432" }), "349.00 NOK"),
            (json!({ "phoneNumber": "98765432" }), "349.00 NOK"),
            (json!({ "nobody knows this": { "claim": [1] } }), "349.00 NOK"),
        ];
        for (changes, amount) in cases {
            let payment = world.starts(changes.clone()).await;
            let stored = world.stored(&payment).await;
            assert_eq!(stored.amount.to_string(), amount, "{changes}");
        }
    }

    async fn the_flow_is_seamless_where_the_method_has_it_unless_the_token_says_otherwise(world) {
        let plain = world.starts(json!({ "paymentFlow": null, "returnUrl": null })).await;
        assert_eq!(plain.answer["paymentFlow"], "seamless");
        assert!(plain.answer.get("redirectUrl").is_none());
        let redirected = world.starts_payment().await;
        assert_eq!(redirected.answer["paymentFlow"], "redirect");
        assert!(redirected.answer.get("view").is_none());
        let reference = uuid::Uuid::parse_str(&redirected.reference).unwrap();
        assert_eq!(reference.get_version_num(), 7);
        assert_eq!(reference.hyphenated().to_string(), redirected.reference);
    }

    async fn a_claim_that_stands_there_twice_is_refused(world) {
        let claims = world.claims(json!({})).to_string();
        let twice = claims.replacen('{', r#"{"amount":1,"#, 1);
        let body = json!({
            "clientCode": "no.mediaconnect.test", "sign": world.sign_text(twice.as_bytes()),
        });
        let problem = world.post("/capi/mcpay/paymentInit", &body).await.problem(400);
        assert_eq!(codes_of(&problem), [("amount".to_owned(), "conflict".to_owned())]);
    }
}

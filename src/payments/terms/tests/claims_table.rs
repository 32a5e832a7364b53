//! Each row of the table: what it takes, and what it answers to everything else.

use mcpay_port::{Flow, PaymentMethod};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::fixture::{CODE, Token, read_json};
use crate::payments::terms::PageHints;

#[test]
fn what_is_required_is_enough() {
    let terms = Token::card().read().unwrap();
    assert_eq!(terms.method, PaymentMethod::CreditcardPayex);
    assert_eq!(terms.flow, Flow::Seamless);
    assert_eq!(terms.external_reference, "order-1");
    assert_eq!(terms.amount.to_string(), "349.50 NOK");
    assert!(terms.vat.is_zero() && terms.agreement.is_none() && terms.coupon.is_none());
    assert!(terms.description.is_none() && terms.phone_number.is_none());
    assert!(terms.profile_scope.is_empty() && terms.return_url.is_none());
}

#[test]
fn claims_of_the_wrong_type_or_form_are_refused_one_by_one() {
    let long = format!("{:?}", "x".repeat(101));
    let cases = [
        ("clientCode", "7", "invalid"),
        ("clientCode", r#""no.other""#, "conflict"),
        ("paymentMethod", r#""paypal""#, "invalid"),
        ("paymentMethod", r#""CREDITCARDPAYEX""#, "invalid"),
        ("paymentMethod", "{}", "invalid"),
        ("paymentFlow", r#""popup""#, "invalid"),
        ("paymentFlow", "1", "invalid"),
        ("paymentScope", r#""name""#, "not_allowed"),
        ("paymentScope", r#""name nin""#, "invalid"),
        ("paymentScope", r#"["name"]"#, "invalid"),
        ("currency", r#""nok""#, "invalid"),
        ("currency", r#""XAU""#, "invalid"),
        ("currency", "578", "invalid"),
        ("amount", r#""349.50""#, "invalid"),
        ("amount", "true", "invalid"),
        ("amount", "0", "out_of_range"),
        ("amount", "-1", "out_of_range"),
        ("amount", "349.505", "too_many_decimals"),
        ("amount", "1e30", "out_of_range"),
        ("amount", "1e999999", "out_of_range"),
        ("amount", "1e99999999999999999999", "out_of_range"),
        ("amount", "1e-999999", "too_many_decimals"),
        ("amount", "92233720368547758.08", "out_of_range"),
        ("vatAmount", "-0.01", "out_of_range"),
        ("vatAmount", "349.51", "out_of_range"),
        ("vatAmount", "0.001", "too_many_decimals"),
        ("vatAmount", r#""1""#, "invalid"),
        ("subscriptionStartAmount", "1", "not_allowed"),
        ("subscriptionStartAmount", "0", "not_allowed"),
        ("subscriptionStartAmount", "-1", "out_of_range"),
        ("recurring", r#""true""#, "invalid"),
        ("recurring", "0", "invalid"),
        ("description", "5", "invalid"),
        ("externalReference", r#""""#, "required"),
        ("externalReference", "12", "invalid"),
        ("externalReference", r#"" a""#, "invalid"),
        ("externalReference", "\"a\\u00a0\"", "invalid"),
        ("externalReference", r#""a\u0007b""#, "invalid"),
        ("externalReference", &long, "too_long"),
        ("phoneNumber", "98765432", "invalid"),
        ("phoneNumber", r#""123""#, "invalid"),
        ("returnUrl", "[]", "invalid"),
        ("checkoutUrl", r#""/checkout""#, "invalid"),
    ];
    for (field, json, code) in cases {
        Token::card().with(field, json).refuses(field, code);
    }
}

#[test]
fn required_claims_are_missed_and_null_is_the_same_as_absent() {
    for field in [
        "clientCode",
        "paymentMethod",
        "recurring",
        "amount",
        "externalReference",
    ] {
        Token::card().without(field).refuses(field, "required");
        Token::card().with(field, "null").refuses(field, "required");
    }
    let optional = [
        "paymentFlow",
        "currency",
        "vatAmount",
        "phoneNumber",
        "productSpecCode",
    ];
    for field in optional {
        Token::card().with(field, "null").read().unwrap();
    }
}

#[test]
fn all_broken_fields_are_reported_at_once() {
    let errors = Token::card()
        .with("paymentMethod", r#""paypal""#)
        .with("amount", r#""1""#)
        .with("vatAmount", "-1")
        .with("phoneNumber", "1")
        .with("returnUrl", r#""x""#)
        .without("recurring")
        .without("externalReference")
        .errors();
    let fields: Vec<&str> = errors.iter().map(|(field, _)| field.as_str()).collect();
    let wanted = [
        "paymentMethod",
        "recurring",
        "amount",
        "vatAmount",
        "externalReference",
        "phoneNumber",
        "returnUrl",
    ];
    assert_eq!(fields, wanted);
}

#[test]
fn a_claim_that_stands_there_twice_is_refused_even_an_unknown_one() {
    for name in ["amount", "whatever"] {
        let json = Token::card().with(name, "1").json();
        let twice = json.replacen('{', &format!("{{{name:?}:1,"), 1);
        let errors = read_json(&twice, &PageHints::default()).unwrap_err();
        assert_eq!((errors.len(), errors[0].field.as_str()), (1, name));
    }
}

#[test]
fn unknown_claims_are_ignored() {
    let token = Token::card().with("jti", r#""x""#).with("aud", "[{}]");
    token.with("iss", "5").read().unwrap();
}

#[test]
fn vipps_has_no_seamless_view_and_fixes_whether_it_recurs() {
    let vipps = |method: &str, recurring: &str| {
        Token::agreement("1")
            .with("paymentMethod", &format!("{method:?}"))
            .with("recurring", recurring)
            .with("returnUrl", r#""https://shop.example/thanks""#)
    };
    for (method, right, wrong) in [
        ("vippsRecurring", "true", "false"),
        ("vippsEcommerce", "false", "true"),
    ] {
        assert_eq!(vipps(method, right).read().unwrap().flow, Flow::Redirect);
        vipps(method, wrong).refuses("recurring", "conflict");
        let seamless = vipps(method, right).with("paymentFlow", r#""seamless""#);
        seamless.refuses("paymentFlow", "not_allowed");
    }
    let scoped = vipps("vippsEcommerce", "false").with(
        "paymentScope",
        r#"" name  email birthDate address phoneNumber name""#,
    );
    let wanted = ["name", "email", "birthDate", "address", "phoneNumber"];
    assert_eq!(scoped.read().unwrap().profile_scope, wanted);
}

#[test]
fn a_reference_may_have_a_hundred_characters_of_any_alphabet() {
    let reference = "ø".repeat(100);
    let terms = Token::card()
        .with("externalReference", &format!("{reference:?}"))
        .read();
    assert_eq!(terms.unwrap().external_reference, reference);
}

#[test]
fn a_description_is_taken_up_to_500_characters_and_loses_what_cannot_be_seen() {
    let given = |text: &str| {
        let json = serde_json::to_string(text).unwrap();
        Token::card().with("description", &json)
    };
    for size in [499, 500] {
        let text = "æ".repeat(size);
        assert_eq!(
            given(&text).read().unwrap().description.as_deref(),
            Some(text.as_str())
        );
    }
    given(&"x".repeat(501)).refuses("description", "too_long");
    let hidden = given(" One\u{0} month\u{202e}\n").read().unwrap();
    assert_eq!(hidden.description.as_deref(), Some("One month"));
    assert_eq!(given(" \u{7}").read().unwrap().description, None);
}

#[test]
fn a_phone_number_is_kept_in_e164_and_never_shown() {
    for json in [r#""98765432""#, r#""+4798765432""#] {
        let terms = Token::card().with("phoneNumber", json).read().unwrap();
        let shown = format!("{terms:?}");
        assert_eq!(terms.phone_number.unwrap().expose_secret(), "+4798765432");
        assert!(!shown.contains("98765432"), "{shown}");
    }
}

#[test]
fn no_message_repeats_a_value() {
    let token = Token::card()
        .with("phoneNumber", r#""98secret12""#)
        .with("externalReference", r#"" secret ""#)
        .with("returnUrl", r#""https://secret.example/""#)
        .with("paymentMethod", r#""secret""#)
        .with("clientCode", r#""secret""#)
        .with("currency", r#""secret""#);
    for error in token.read().unwrap_err() {
        assert!(!error.message.contains("secret"), "{error:?}");
        assert!(error.message.ends_with('.'), "{error:?}");
    }
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,9})?",
        ".{0,40}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        "(https?://|)[a-z.:/@%?#&=\\\\ ]{0,60}"
            .prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(format!("{:?}", "x".repeat(30_000))),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            inner.prop_map(|value| format!("{{\"a\":{value},\"a\":1}}")),
        ]
    })
}

fn any_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "clientCode",
        "paymentMethod",
        "paymentFlow",
        "paymentScope",
        "productSpecCode",
        "productSpecNo",
        "currency",
        "amount",
        "vatAmount",
        "subscriptionStartAmount",
        "recurring",
        "description",
        "externalReference",
        "phoneNumber",
        "returnUrl",
        "checkoutUrl",
        "other",
    ])
}

proptest! {
    #[test]
    fn no_claims_make_it_panic_and_a_refusal_always_says_why(
        claims in prop::collection::vec((any_name(), any_json()), 0..12),
        page_url in prop::option::of(".{0,60}"),
        valid_base in any::<bool>(),
    ) {
        let mut texts: Vec<String> = Vec::new();
        if valid_base {
            let base = Token::card().json();
            texts.push(base.trim_matches(['{', '}']).to_owned());
        }
        texts.extend(claims.iter().map(|(name, json)| format!("{name:?}:{json}")));
        let json = format!("{{{}}}", texts.join(","));
        let page = PageHints { page_url, origin: Some(CODE.to_owned()) };
        if let Err(errors) = read_json(&json, &page) {
            prop_assert!(!errors.is_empty());
        }
    }
}

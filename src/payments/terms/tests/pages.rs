//! The pages of the payer: which are taken, and which one the payment belongs to (CONTRACT 8.7).

use mcpay_port::{Flow, PaymentRef};
use url::Url;

use super::fixture::Token;
use crate::payments::terms::{PageHints, page_with_reference};

fn on(page_url: Option<&str>, origin: Option<&str>) -> PageHints {
    PageHints {
        page_url: page_url.map(str::to_owned),
        origin: origin.map(str::to_owned),
    }
}

fn with_url(field: &str, url: &str) -> Token {
    Token::card().with(field, &serde_json::to_string(url).unwrap())
}

#[test]
fn urls_must_be_absolute_and_on_an_allowed_origin() {
    for url in [
        "https://shop.example",
        "https://shop.example/thanks?a=b#c",
        "HTTPS://SHOP.example:443/thanks",
        "http://localhost:8080/",
    ] {
        with_url("returnUrl", url).read().unwrap();
    }
    for url in [
        "https://shop.example.evil.test/",
        "https://evil.test/?https://shop.example",
        "http://shop.example/",
        "https://shop.example:444/",
        "http://localhost/",
        "https://shop.example./",
        "https://sub.shop.example/",
    ] {
        with_url("returnUrl", url).refuses("returnUrl", "not_allowed");
    }
    for url in [
        "",
        "/thanks",
        "//shop.example/",
        "shop.example",
        "javascript:alert(1)",
        "ftp://shop.example/",
        "https:shop.example",
        "https://",
        "https://shop.example@evil.test/",
        "https://user:secret@shop.example/",
        "https://shop.example\\@evil.test/",
        "https://shop\t.example/",
        " https://shop.example/",
        "https://shop.example/a b",
    ] {
        with_url("returnUrl", url).refuses("returnUrl", "invalid");
    }
    let long = |size: usize| format!("https://shop.example/{}", "x".repeat(size - 21));
    with_url("returnUrl", &long(2_048)).read().unwrap();
    with_url("returnUrl", &long(2_049)).refuses("returnUrl", "too_long");
}

#[test]
fn the_redirect_flow_needs_a_return_url() {
    let redirect = Token::card().with("paymentFlow", r#""redirect""#);
    redirect.refuses("returnUrl", "required");
    let back = redirect.with("returnUrl", r#""https://shop.example/back""#);
    let terms = back.read().unwrap();
    assert_eq!(terms.flow, Flow::Redirect);
    assert_eq!(
        terms.return_url.unwrap().as_str(),
        "https://shop.example/back"
    );
}

#[test]
fn nexi_in_a_seamless_view_needs_a_short_checkout_url() {
    let nexi = Token::card().with("paymentMethod", r#""nexi""#);
    nexi.refuses("checkoutUrl", "required");
    let checkout = |size: usize| {
        let url = format!("https://shop.example/{}", "x".repeat(size - 21));
        nexi.clone().with("checkoutUrl", &format!("{url:?}"))
    };
    // "?mcPayRef=" and a UUID are 46 characters.
    checkout(210).read().unwrap();
    checkout(211).refuses("checkoutUrl", "too_long");
    let redirect = nexi
        .with("paymentFlow", r#""redirect""#)
        .with("returnUrl", r#""https://shop.example/""#);
    redirect.read().unwrap();
}

#[test]
fn the_page_is_the_first_that_is_known() {
    let page =
        |token: &Token, hints: &PageHints| token.read_on(hints).unwrap().page_url.to_string();
    let bare = Token::card();
    let nothing = PageHints::default();
    assert_eq!(page(&bare, &nothing), "https://shop.example/");
    let origin = on(None, Some("http://localhost:8080"));
    assert_eq!(page(&bare, &origin), "http://localhost:8080/");
    for foreign in ["https://evil.test", "null", ""] {
        assert_eq!(
            page(&bare, &on(None, Some(foreign))),
            "https://shop.example/"
        );
    }
    let back = bare.with("returnUrl", r#""https://shop.example/back""#);
    assert_eq!(page(&back, &origin), "https://shop.example/back");
    let checkout = back.with("checkoutUrl", r#""https://shop.example/checkout""#);
    assert_eq!(page(&checkout, &origin), "https://shop.example/checkout");
    let shown = on(Some("https://shop.example/here"), None);
    assert_eq!(page(&checkout, &shown), "https://shop.example/here");
    let redirect = checkout.with("paymentFlow", r#""redirect""#);
    assert_eq!(
        page(&redirect, &shown),
        "https://shop.example/checkout",
        "pageUrl is ignored"
    );
    page(&redirect, &on(Some("https://evil.test/"), None));
}

#[test]
fn a_page_url_of_a_seamless_view_must_be_on_an_allowed_origin() {
    for (url, code) in [
        ("https://evil.test/", "not_allowed"),
        ("about:blank", "invalid"),
    ] {
        let errors = Token::card().read_on(&on(Some(url), None)).unwrap_err();
        assert_eq!(
            (errors[0].field.as_str(), errors[0].code),
            ("pageUrl", code)
        );
    }
}

#[test]
fn the_reference_is_set_in_the_query_and_nothing_else_changes() {
    let reference: PaymentRef = "019a8d4e-7b7c-7d3e-8f00-0123456789ab".parse().unwrap();
    let own = format!("mcPayRef={reference}");
    let cases = [
        (
            "https://shop.example/",
            format!("https://shop.example/?{own}"),
        ),
        (
            "https://shop.example/?",
            format!("https://shop.example/?{own}"),
        ),
        (
            "https://shop.example/?a=%C3%B8&b&c=1+2#/step",
            format!("https://shop.example/?a=%C3%B8&b&c=1+2&{own}#/step"),
        ),
        (
            "https://shop.example/?mcPayRef=old&a=1&mcPay%52ef=x&mcPayRef#",
            format!("https://shop.example/?a=1&{own}"),
        ),
        (
            "https://shop.example/?mcpayref=1",
            format!("https://shop.example/?mcpayref=1&{own}"),
        ),
    ];
    for (page, wanted) in cases {
        let page = Url::parse(page).unwrap();
        let with = page_with_reference(&page, reference);
        assert_eq!(with.as_str(), wanted);
        assert_eq!(
            page_with_reference(&with, reference),
            with,
            "setting it again is nothing new"
        );
    }
}

//! What a proof says about requests, answers, files and overlays.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use mcpay_contract_proof::Specification;
use serde_json::{Value, json};

fn shop() -> Specification {
    Specification::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shop.yaml")).unwrap()
}

fn order() -> Value {
    json!({"article": "book", "amount": 100, "placedOn": "2026-03-01"})
}

fn headers(sent: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    sent.iter().map(owned).collect()
}

#[test]
fn headers_that_fit_pass_and_others_of_the_client_do_not_matter() {
    let sent = headers(&[
        ("shop-number", "0042"),
        ("request-key", "k-1"),
        ("accept-encoding", "br"),
    ]);
    shop().check_headers("PUT", "/orders/42", &sent).unwrap();
}

#[test]
fn a_missing_or_wrong_header_fails_and_says_which_but_not_what_was_sent() {
    for (sent, said) in [
        (headers(&[("request-key", "k-1")]), "shop-number"),
        (headers(&[("shop-number", "0042")]), "request-key"),
        (
            headers(&[("shop-number", "42"), ("request-key", "k-1")]),
            "shop-number",
        ),
        (
            headers(&[("shop-number", "0042"), ("request-key", "too-long-a-key")]),
            "request-key",
        ),
        (
            headers(&[
                ("shop-number", "0042"),
                ("request-key", "k"),
                ("note", "long"),
            ]),
            "note",
        ),
    ] {
        let mismatch = shop()
            .check_headers("PUT", "/orders/42", &sent)
            .unwrap_err()
            .to_string();
        assert!(mismatch.contains(said), "{mismatch}");
        assert!(!mismatch.contains("too-long-a-key"), "{mismatch}");
    }
    let none = headers(&[("shop-number", "0042")]);
    shop().check_headers("DELETE", "/orders/42", &none).unwrap();
    assert!(
        shop().check_headers("PATCH", "/orders/42", &none).is_err(),
        "no such call"
    );
}

#[test]
fn a_request_that_fits_passes_under_its_template_its_real_path_and_its_server() {
    for path in [
        "/orders/{id}",
        "/orders/42",
        "/orders/42?a=b",
        "/shop/orders/42",
    ] {
        shop().check_request("PUT", path, Some(&order())).unwrap();
    }
}

#[test]
fn a_request_with_a_wrong_missing_or_unknown_field_fails_and_says_where() {
    for (field, value, said) in [
        ("amount", json!("100"), "/amount"),
        ("amount", json!(0), "/amount"),
        ("article", json!(null), "/article"),
        ("placedOn", json!("soon"), "/placedOn"),
        ("colour", json!("red"), "colour"),
    ] {
        let mut body = order();
        body[field] = value;
        let mismatch = shop()
            .check_request("PUT", "/orders/42", Some(&body))
            .unwrap_err();
        assert!(mismatch.to_string().contains(said), "{mismatch}");
    }
    let without = json!({"article": "book"});
    assert!(
        shop()
            .check_request("PUT", "/orders/42", Some(&without))
            .is_err()
    );
}

#[test]
fn a_body_is_required_where_the_file_says_so_and_refused_where_it_names_none() {
    assert!(shop().check_request("PUT", "/orders/42", None).is_err());
    assert!(
        shop()
            .check_request("DELETE", "/orders/42", Some(&json!({})))
            .is_err()
    );
    shop().check_request("DELETE", "/orders/42", None).unwrap();
}

#[test]
fn an_answer_is_checked_by_its_status_then_its_class_then_the_default() {
    let check = |status, body: Value| shop().check_answer("PUT", "/orders/42", status, Some(&body));
    check(200, order()).unwrap();
    assert!(check(200, json!({})).is_err());
    check(422, json!({"title": "No"})).unwrap();
    assert!(check(422, json!({"titel": "No"})).is_err());
    check(500, json!({"broken": true})).unwrap();
    shop()
        .check_answer("DELETE", "/orders/42", 204, None)
        .unwrap();
    assert!(
        shop()
            .check_answer("DELETE", "/orders/42", 204, Some(&json!({})))
            .is_err()
    );
    assert!(
        shop()
            .check_answer("DELETE", "/orders/42", 200, None)
            .is_err()
    );
}

#[test]
fn a_call_the_file_does_not_know_fails() {
    assert!(shop().check_request("PATCH", "/orders/42", None).is_err());
    assert!(shop().check_request("PUT", "/baskets/42", None).is_err());
}

#[test]
fn an_overlay_adds_changes_and_removes() {
    let newer = shop().overlaid(&json!({"components": {"schemas": {"Order": {"properties": {
        "colour": {"type": "string"},
        "amount": {"minimum": null},
    }}}}}));
    let mut body = order();
    body["colour"] = json!("red");
    body["amount"] = json!(0);
    newer
        .check_request("PUT", "/orders/42", Some(&body))
        .unwrap();
}

#[test]
fn a_missing_file_and_a_file_of_another_kind_are_errors() {
    assert!(Specification::read(Path::new("no/such/file.yaml")).is_err());
    let other = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    assert!(Specification::read(&other).is_err());
}

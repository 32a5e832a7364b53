//! Every answer that the sandbox gives in these tests, held against what Nexi documents: the
//! project's own schemas, and, where the environment variable `OFFICIAL_SPECS` names the folder with
//! the official files, the current one as far as its digest tells.

use std::path::Path;
use std::sync::LazyLock;

use mcpay_contract_proof::Specification;
use serde_json::Value;

use crate::digest;

const DIGEST: &str = "nexi/specs/derived-payment-api-current.json";

static OWN: LazyLock<Specification> = LazyLock::new(|| {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/payment-api-answers.yaml");
    Specification::read(&own).unwrap()
});

static CURRENT: LazyLock<Option<Specification>> = LazyLock::new(|| {
    let folder = std::env::var_os("OFFICIAL_SPECS")?;
    let digest = std::fs::read(Path::new(&folder).join(DIGEST)).unwrap();
    let digest: Value = serde_json::from_slice(&digest).unwrap();
    Some(Specification::new(digest::document(&digest)))
});

pub fn check(method: &str, path: &str, status: u16, body: Option<&Value>) {
    // Neither file has a number for an agreement that cannot be charged; merchants have seen one,
    // and the client library names it. Its form is that of a 500.
    let is_numbered = is_numbered_decline(path, status, body);
    let described = if is_numbered { 500 } else { status };
    if let Err(mismatch) = OWN.check_answer(method, path, described, body) {
        panic!("our own: {mismatch}");
    }
    // The current file lists 404 for some of the calls only.
    if let Some(current) = &*CURRENT
        && status != 404
        && let Err(mismatch) = current.check_answer(method, path, described, body)
    {
        panic!("current: {mismatch}");
    }
}

fn is_numbered_decline(path: &str, status: u16, body: Option<&Value>) -> bool {
    let is_charge = path.contains("subscriptions/") && path.ends_with("/charges");
    let has_number = body.is_some_and(|body| body.get("code").is_some());
    is_charge && has_number && matches!(status, 400 | 402)
}

#[test]
fn an_answer_that_nexi_does_not_document_is_found() {
    let cases = [
        ("POST", "/v1/payments", 201, serde_json::json!({})),
        (
            "POST",
            "/v1/payments",
            200,
            serde_json::json!({ "paymentId": "1" }),
        ),
        (
            "GET",
            "/v1/payments/1",
            200,
            serde_json::json!({ "payment": { "x": 1 } }),
        ),
        (
            "POST",
            "/v1/payments/1/charges",
            402,
            serde_json::json!({ "number": 1 }),
        ),
        ("GET", "/v1/nothing", 200, serde_json::json!({})),
    ];
    for (method, path, status, body) in cases {
        let known = [Some(&*OWN), CURRENT.as_ref()];
        for specification in known.into_iter().flatten() {
            let checked = specification.check_answer(method, path, status, Some(&body));
            assert!(checked.is_err(), "{method} {path} {status} {body}");
        }
    }
}

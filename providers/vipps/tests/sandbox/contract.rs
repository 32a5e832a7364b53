//! Every answer of the sandbox in these tests is held against the provider's own OpenAPI files,
//! where the environment names them, and what newer sources add is laid over them here.
//!
//! Not held: the gateway's answers and 5xx, which the files do not describe.

use std::sync::LazyLock;

use mcpay_contract_proof::{Specification, official};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

struct Files {
    epayment: Specification,
    recurring: Specification,
    webhooks: Specification,
}

static FILES: LazyLock<Option<Files>> = LazyLock::new(|| {
    let read = |name: &str| official(&format!("vipps/specs/{name}")).unwrap();
    Some(Files {
        epayment: read("epayment.v1.yml")?.overlaid(&epayment()),
        recurring: read("recurring.v3.openapi.yaml")?.overlaid(&recurring()),
        webhooks: read("webhooks.v1.swagger.yaml")?.overlaid(&webhooks()),
    })
});

/// Since January 2025 references have 64 characters, since September 2025 a payment tells of its
/// payer, since August 2026 how long the money is safe. An event has no `paymentAction` any more,
/// and a problem has the details and the path that the documentation shows.
fn epayment() -> Value {
    let detail = json!({
        "type": "object", "required": ["name", "reason"],
        "properties": { "name": { "type": "string" }, "reason": { "type": "string" } },
    });
    let problem = json!({
        "description": "Problem",
        "content": { "application/problem+json": { "schema": {
            "$ref": "#/components/schemas/Problem",
        } } },
    });
    let any = |status: &str| json!({ "responses": { status: problem } });
    json!({
        "paths": {
            "/epayment/v1/payments": { "post": any("4XX") },
            "/epayment/v1/payments/{reference}": { "get": any("4XX") },
            "/epayment/v1/payments/{reference}/capture": { "post": any("4XX") },
            "/epayment/v1/payments/{reference}/refund": { "post": any("4XX") },
            "/epayment/v1/payments/{reference}/cancel": { "post": any("4XX") },
            "/epayment/v1/test/payments/{reference}/approve": { "post": any("4XX") },
        },
        "components": { "schemas": {
            "Reference": { "maxLength": 64, "pattern": "^[a-zA-Z0-9-]{8,64}$" },
            "PaymentEvent": {
                "required": ["reference", "pspReference", "name", "amount", "timestamp", "success"],
            },
            "Problem": { "properties": {
                "instance": { "type": "string" },
                "extraDetails": { "type": "array", "items": detail },
            } },
            "GetPaymentResponse": { "properties": {
                "captureGuaranteedUntil": { "type": "string", "format": "date-time" },
                "userDetails": { "type": "object", "additionalProperties": true },
            } },
        } },
    })
}

/// Since 2024 an agreement may have no interval, a charge may be unscheduled, and a problem's
/// details have a name and a reason. What is not there yet is null. A charge's id is its order id,
/// which has up to 50 characters. (YAML reads the country `NO` as false.)
fn recurring() -> Value {
    json!({
        "components": { "schemas": {
            "ErrorV3": { "properties": { "extraDetails": { "items": { "properties": {
                "name": { "type": "string" }, "reason": { "type": "string" },
            } } } } },
            "ChargeType": { "enum": ["INITIAL", "RECURRING", "UNSCHEDULED"] },
            "DraftAgreementResponseV3": { "properties": { "chargeId": { "nullable": true } } },
            "AgreementResponseV3": { "properties": {
                "interval": { "nullable": true },
                "productDescription": { "nullable": true },
                "campaign": { "$ref": null, "type": "object", "nullable": true },
                "countryCode": { "enum": ["NO", "DK", "FI"] },
                "sub": { "nullable": true },
                "userinfoUrl": { "nullable": true },
                "externalId": { "nullable": true },
            } },
            "ChargeResponseV3": { "properties": {
                "id": { "maxLength": 50 },
                "transactionId": { "nullable": true, "pattern": null },
                "externalId": { "nullable": true },
                "externalAgreementId": { "nullable": true },
            } },
        } },
    })
}

/// The file's path lacks the name of the API, which its server has. Errors other than 400 have the
/// same shape.
fn webhooks() -> Value {
    let problem = json!({
        "description": "Problem",
        "content": { "application/problem+json": { "schema": {
            "$ref": "#/components/schemas/ProblemDetails",
        } } },
    });
    json!({ "paths": { "/v1/webhooks/{id}": { "delete": { "responses": { "4XX": problem } } } } })
}

/// # Panics
/// When the answer is not as the provider's file says.
pub fn check(method: &Method, path: &str, status: StatusCode, body: &Value) {
    let Some(files) = FILES.as_ref() else {
        return;
    };
    let is_gateway = body.get("statusCode").is_some() || body.get("responseInfo").is_some();
    if is_gateway || status.is_server_error() {
        return;
    }
    let body = Some(body).filter(|body| !body.is_null());
    let (file, path) = match path.split('/').nth(1) {
        Some("epayment") => (&files.epayment, path.to_owned()),
        Some("recurring") => (&files.recurring, path.to_owned()),
        Some("webhooks") => (&files.webhooks, path.replacen("/webhooks", "", 1)),
        _ => return,
    };
    let fits = file.check_answer(method.as_str(), &path, status.as_u16(), body);
    fits.unwrap_or_else(|mismatch| panic!("{mismatch}"));
}

//! The files that say what the provider takes and answers: the project's own in `schemas/`, and
//! beside them the provider's official ones when `OFFICIAL_SPECS` names their folder. The official
//! ones are some years old; what the live API has added since is laid over them here, each with the
//! place that says so.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use mcpay_contract_proof::{Specification, official};
use serde_json::{Value, json};

/// One of the provider's APIs.
struct Api {
    prefix: &'static str,
    own: &'static str,
    official: &'static str,
    newer: fn() -> Value,
    /// The files are large, so each is read once.
    read: OnceLock<Vec<Specification>>,
}

static APIS: [Api; 5] = [
    Api {
        prefix: "/epayment/",
        own: "schemas/epayment.yaml",
        official: "vipps/specs/epayment.v1.yml",
        newer: newer_epayment,
        read: OnceLock::new(),
    },
    Api {
        prefix: "/recurring/",
        own: "schemas/recurring.yaml",
        official: "vipps/specs/recurring.v3.openapi.yaml",
        newer: newer_recurring,
        read: OnceLock::new(),
    },
    Api {
        prefix: "/webhooks/",
        own: "schemas/webhooks.yaml",
        official: "vipps/specs/webhooks.v1.swagger.yaml",
        newer: newer_webhooks,
        read: OnceLock::new(),
    },
    Api {
        prefix: "/accesstoken/",
        own: "schemas/accesstoken.yaml",
        official: "vipps/specs/accesstoken.swagger.yaml",
        newer: || json!({}),
        read: OnceLock::new(),
    },
    Api {
        prefix: "/vipps-userinfo-api/",
        own: "schemas/userinfo.yaml",
        official: "vipps/specs/userinfo.swagger.yaml",
        newer: newer_userinfo,
        read: OnceLock::new(),
    },
];

/// Everything that speaks about `path`.
fn speaking_of(path: &str) -> &'static [Specification] {
    let api = APIS.iter().find(|api| path.starts_with(api.prefix));
    let api = api.unwrap_or_else(|| panic!("no specification speaks of {path}"));
    api.read.get_or_init(|| {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(api.own);
        let own = Specification::read(&own).unwrap();
        let official = official(api.official).unwrap();
        let official = official.map(|it| it.overlaid(&(api.newer)()));
        std::iter::once(own).chain(official).collect()
    })
}

/// # Panics
/// With the reasons, when a file refuses the body or the headers.
pub fn check_request(
    method: &str,
    path: &str,
    headers: &BTreeMap<String, String>,
    body: Option<&Value>,
) {
    for specification in speaking_of(path) {
        let checked = specification.check_request(method, path, body);
        let checked = checked.and_then(|()| specification.check_headers(method, path, headers));
        checked.unwrap_or_else(|mismatch| panic!("{mismatch}"));
    }
}

/// How many files speak about `path`, and how many of them refuse what is sent there.
pub fn refusals(method: &str, path: &str, body: Option<&Value>) -> (usize, usize) {
    let files = speaking_of(path);
    let refused = files
        .iter()
        .filter(|file| file.check_request(method, path, body).is_err());
    (files.len(), refused.count())
}

/// # Panics
/// With the reasons, when a file refuses the answer.
pub fn check_answer(method: &str, path: &str, status: u16, body: Option<&Value>) {
    for specification in speaking_of(path) {
        let checked = specification.check_answer(method, path, status, body);
        checked.unwrap_or_else(|mismatch| panic!("{mismatch}"));
    }
}

/// Since the file's version 1.4.1: see the ePayment API's changelog and guides of 2024 to 2026.
fn newer_epayment() -> Value {
    let any_problem = any_problem("#/components/schemas/Problem");
    json!({
        "paths": {
            // `CancelModificationRequest` was added to the cancel call.
            "/epayment/v1/payments/{reference}/cancel": { "post": { "requestBody": {
                "required": false,
                "content": { "application/json": { "schema": {
                    "type": "object",
                    "properties": { "cancelTransactionOnly": { "type": "boolean" } },
                } } },
            }, "responses": any_problem } },
            // Only some of the statuses are listed, and the guide has more.
            "/epayment/v1/payments": { "post": { "responses": any_problem } },
            "/epayment/v1/payments/{reference}": { "get": { "responses": any_problem } },
            "/epayment/v1/payments/{reference}/events": { "get": { "responses": any_problem } },
            "/epayment/v1/payments/{reference}/capture": { "post": { "responses": any_problem } },
            "/epayment/v1/payments/{reference}/refund": { "post": { "responses": any_problem } },
            "/epayment/v1/test/payments/{reference}/approve": {
                "post": { "responses": any_problem },
            },
        },
        "components": { "schemas": {
            // The three alternatives are all open and without required fields, so that each body
            // fits each of them and never exactly one. The adapter only names a phone.
            "Customer": { "oneOf": null, "$ref": "#/components/schemas/CustomerPhoneNumber" },
            // 64 characters since January 2025.
            "Reference": { "pattern": "^[a-zA-Z0-9-]{8,64}$", "maxLength": 64 },
            // Version 1.8.1 (September 2025), and August 2026.
            "GetPaymentResponse": { "properties": {
                "userDetails": { "type": "object", "additionalProperties": true },
                "captureGuaranteedUntil": { "type": "string", "format": "date-time" },
            } },
            // Problems have an instance, details and codes; their type need not be a URL.
            "Problem": { "properties": {
                "type": { "format": null },
                "instance": { "type": "string" },
                "extraDetails": { "type": "array", "items": {
                    "type": "object",
                    "required": ["name", "reason"],
                    "properties": { "name": { "type": "string" }, "reason": { "type": "string" } },
                } },
            } },
            // `paymentAction` is required and was removed; the name of the event is what remains.
            "PaymentEvent": { "required": [
                "reference", "pspReference", "name", "amount", "timestamp", "success",
            ] },
        } },
    })
}

/// Since the file's version 2.6.17: see the Recurring API's changelog of 2024 to 2026.
fn newer_recurring() -> Value {
    json!({ "paths": {
        // A 204 has no body, whatever the file says.
        "/recurring/v3/agreements/{agreementId}/accept": {
            "patch": { "responses": { "204": { "content": null } } },
        },
    }, "components": { "schemas": {
        // The interval is optional, for agreements without a rhythm.
        "DraftAgreementV3": { "required": [
            "pricing", "merchantAgreementUrl", "merchantRedirectUrl", "productName",
        ] },
        // Unscheduled charges have neither a date nor retries.
        "CreateChargeV3": {
            "required": ["amount", "description", "transactionType"],
            "properties": { "type": { "type": "string", "enum": ["RECURRING", "UNSCHEDULED"] } },
        },
        // Denmark and Finland.
        "CurrencyV3": { "enum": ["NOK", "DKK", "EUR"] },
        // `countryCode` was removed (July 2025), as the interval became optional.
        "AgreementResponseV3": {
            "required": [
                "id", "pricing", "productName", "uuid", "created", "merchantAgreementUrl",
                "merchantRedirectUrl",
            ],
            // What is not there is null. YAML reads the country `NO` as false.
            "properties": {
                "interval": { "nullable": true },
                "productDescription": { "nullable": true },
                "sub": { "nullable": true },
                "userinfoUrl": { "nullable": true },
                "externalId": { "nullable": true },
                "countryCode": { "enum": ["NO", "DK", "FI"] },
            },
        },
        "DraftAgreementResponseV3": { "properties": { "chargeId": { "nullable": true } } },
        // Details have had these names since 2024.
        "ErrorV3": { "properties": { "extraDetails": { "items": { "properties": {
            "name": { "type": "string" }, "reason": { "type": "string" },
        } } } } },
        // A charge's id is our order id, of up to 50 characters. The file itself says that a
        // transaction id is null at first; its pattern is no regular expression.
        "ChargeResponseV3": { "properties": {
            "id": { "maxLength": 50 },
            "transactionId": { "pattern": null, "nullable": true },
            "externalId": { "nullable": true },
            "externalAgreementId": { "nullable": true },
        } },
        "ChargeType": { "enum": ["INITIAL", "RECURRING", "UNSCHEDULED"] },
    } } })
}

/// See the Userinfo guide. Three things of the file are overtaken or wrong: the key, which belongs to
/// another product and is not to be sent; the phone number, of which the file's own example has ten
/// digits and its pattern fifteen; and the scope's verified phone number, which it does not list.
fn newer_userinfo() -> Value {
    json!({ "components": {
        "parameters": { "Ocp-Apim-Subscription-Key": { "required": false } },
        "schemas": { "Userinfo": { "properties": {
            "phone_number": { "pattern": "^[0-9]{10,15}$" },
            "phone_number_verified": { "type": "boolean" },
        } } },
    } })
}

/// A webhook that is not there is answered like any other error.
fn newer_webhooks() -> Value {
    let any_problem = any_problem("#/components/schemas/ProblemDetails");
    json!({ "paths": { "/v1/webhooks/{id}": { "delete": { "responses": any_problem } } } })
}

fn any_problem(schema: &str) -> Value {
    json!({ "4XX": {
        "description": "Problem",
        "content": { "application/problem+json": { "schema": { "$ref": schema } } },
    } })
}

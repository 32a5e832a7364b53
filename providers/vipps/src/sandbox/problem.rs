//! How the provider refuses: each of its APIs has error bodies of its own shape, and the gateway in
//! front of them has two more.

use serde_json::{Value, json};
use uuid::Uuid;

const RECURRING_TYPES: &str =
    "https://developer.vippsmobilepay.com/docs/APIs/recurring-api/recurring-api-problems";

/// Which API answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    Epayment,
    Recurring,
    Webhooks,
    Userinfo,
}

/// One field that is missing or wrong.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// A refusal: status and body, to which the answer adds the path.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) retry_after_seconds: Option<i64>,
    /// A refusal that the same key may overcome is not remembered.
    pub(crate) is_transient: bool,
}

impl Problem {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            body,
            retry_after_seconds: None,
            is_transient: false,
        }
    }

    /// The gateway's own words, before any API is asked.
    pub(crate) fn gateway(status: u16, message: &str) -> Self {
        Self::new(status, json!({ "statusCode": status, "message": message }))
    }

    /// A bearer token that is missing, wrong or old.
    pub(crate) fn bad_token(family: Family) -> Self {
        let text = "Something went wrong: the access token is missing, unknown or expired.";
        match family {
            Family::Userinfo => userinfo(401, "Unauthorized", "Token is invalid"),
            _ => Self::new(
                401,
                json!({
                    "responseInfo": { "responseCode": 401, "responseMessage": "Unauthorized" },
                    "result": { "message": text },
                }),
            ),
        }
    }

    /// An ePayment error with a code of the provider's table; `detail` explains.
    pub(crate) fn code(code: &'static str, detail: impl Into<String>) -> Self {
        let (status, title) = super::epayment::codes::find(code);
        let mut problem = epayment(status, title, &detail.into());
        problem.body["extraDetails"] = json!([{ "name": "ErrorCode", "reason": code }]);
        problem
    }

    /// A Recurring error by the name of its documentation.
    pub(crate) fn recurring(status: u16, id: &str, detail: impl Into<String>) -> Self {
        recurring(status, &format!("{RECURRING_TYPES}#{id}"), &detail.into())
    }

    pub(crate) fn not_found(family: Family, what: &str) -> Self {
        match family {
            Family::Epayment => Self::code("5090", what),
            Family::Recurring => recurring(404, "about:blank", what),
            Family::Webhooks => webhooks(404, what),
            Family::Userinfo => userinfo(404, "Not Found", what),
        }
    }

    /// Fields or headers that are missing or wrong.
    pub(crate) fn invalid(family: Family, entries: &[Entry]) -> Self {
        let mut problem = match family {
            Family::Epayment => {
                epayment(400, "Bad Request", "See extraDetails for further details")
            }
            Family::Recurring => {
                Self::recurring(400, "validation-error", "Input validation failed")
            }
            Family::Webhooks => webhooks(400, "One or more validation errors occurred."),
            Family::Userinfo => return userinfo(400, "Bad Request", "Input validation failed"),
        };
        problem.body["extraDetails"] = entries
            .iter()
            .map(|entry| json!({ "name": entry.name, "reason": entry.reason }))
            .collect();
        problem
    }

    pub(crate) fn header(family: Family, name: &str, reason: &str) -> Self {
        let entry = Entry {
            name: name.to_owned(),
            reason: reason.to_owned(),
        };
        let mut problem = Self::invalid(family, &[entry]);
        if family == Family::Recurring {
            let id = match name {
                "Idempotency-Key" => "idempotency-key-header",
                _ => "missing-request-header",
            };
            problem.body["type"] = json!(format!("{RECURRING_TYPES}#{id}"));
            problem.body["detail"] = json!(format!("{name} {reason}"));
        }
        problem
    }

    /// Anything that has no name of its own.
    pub(crate) fn plain(family: Family, status: u16, title: &str, detail: &str) -> Self {
        let mut problem = match family {
            Family::Epayment => epayment(status, title, detail),
            Family::Recurring => recurring(status, "about:blank", detail),
            Family::Webhooks => webhooks(status, detail),
            Family::Userinfo => userinfo(status, title, detail),
        };
        problem.body["title"] = json!(title);
        problem
    }

    /// The sales unit is not one of these keys.
    pub(crate) fn foreign_unit(family: Family) -> Self {
        let text = "Merchant Not Allowed: these keys are not this Merchant-Serial-Number's.";
        match family {
            Family::Recurring => Self::recurring(403, "invalid-sale-unit", text),
            _ => Self::plain(family, 403, "Forbidden", text),
        }
    }
}

fn trace() -> String {
    format!(
        "00-{}-{:.16}-01",
        Uuid::new_v4().simple(),
        Uuid::new_v4().simple().to_string()
    )
}

fn epayment(status: u16, title: &str, detail: &str) -> Problem {
    let body = json!({
        "type": format!("https://httpstatuses.io/{status}"),
        "title": title,
        "status": status,
        "detail": detail,
        "traceId": trace(),
    });
    Problem::new(status, body)
}

fn recurring(status: u16, kind: &str, detail: &str) -> Problem {
    let title = reqwest::StatusCode::from_u16(status).ok();
    let body = json!({
        "type": kind,
        "title": title.and_then(|status| status.canonical_reason()),
        "status": status,
        "detail": detail,
        "contextId": Uuid::new_v4().to_string(),
    });
    Problem::new(status, body)
}

fn webhooks(status: u16, detail: &str) -> Problem {
    let trace = trace();
    let title = reqwest::StatusCode::from_u16(status).ok();
    let body = json!({
        "type": trace,
        "title": title.and_then(|status| status.canonical_reason()),
        "status": status,
        "detail": detail,
        "traceId": trace,
    });
    Problem::new(status, body)
}

/// Userinfo writes the status as text.
fn userinfo(status: u16, title: &str, detail: &str) -> Problem {
    let body = json!({
        "type": format!("https://httpstatuses.io/{status}"),
        "title": title,
        "status": status.to_string(),
        "detail": detail,
        "instance": Uuid::new_v4().to_string(),
    });
    Problem::new(status, body)
}

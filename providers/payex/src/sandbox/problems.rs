//! The refusals of the API, as `application/problem+json` (RFC 7807).
//!
//! What must never stand in one: what a caller sent as a secret (tokens, phone numbers, names).

use serde_json::{Value, json};
use uuid::Uuid;

const TYPES: &str = "https://api.payex.com/psp/errordetail";

/// One line of `problems`: the field's path, and what is wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) description: String,
}

impl Entry {
    pub(crate) fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
        }
    }
}

/// A refusal.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    /// The end of `type`, e.g. `paymentorders/inputerror`; all that a program should look at.
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) detail: String,
    pub(crate) entries: Vec<Entry>,
    /// `suspension` or `modification` of a refused merchant-initiated charge.
    pub(crate) hint: Option<Box<(&'static str, Value)>>,
}

impl Problem {
    /// Fields that are missing or wrong.
    pub(crate) fn input(entries: Vec<Entry>) -> Self {
        Self {
            status: 400,
            kind: "paymentorders/inputerror",
            title: "Error in input data",
            detail: "Input validation failed, error description in problems node!".to_owned(),
            entries,
            hint: None,
        }
    }

    /// One field that is missing or wrong.
    pub(crate) fn field(name: &str, description: impl Into<String>) -> Self {
        Self::input(vec![Entry::new(name, description)])
    }

    /// An operation that the state of the order does not allow.
    pub(crate) fn forbidden(name: &str, description: impl Into<String>) -> Self {
        Self {
            status: 403,
            kind: "forbidden",
            title: "Operation not allowed",
            detail: "Payment check failed, description in problems node!".to_owned(),
            entries: vec![Entry::new(name, description)],
            hint: None,
        }
    }

    /// The token is right, but the account is not the order's.
    pub(crate) fn foreign_payee() -> Self {
        Self {
            status: 403,
            kind: "configurationerror",
            title: "Configuration error",
            detail: "The access token does not belong to the account of the payeeId.".to_owned(),
            entries: vec![Entry::new(
                "PaymentOrder.PayeeInfo.PayeeId",
                "The given PayeeId is not an account of this access token.",
            )],
            hint: None,
        }
    }

    pub(crate) fn unauthorized() -> Self {
        Self {
            status: 401,
            kind: "unauthorized",
            title: "Unauthorized",
            detail: "Send the account's access token as `Authorization: Bearer …`.".to_owned(),
            entries: Vec::new(),
            hint: None,
        }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self {
            status: 404,
            kind: "notfound",
            title: "Resource not found",
            detail: format!("{what} does not exist, or belongs to another account."),
            entries: Vec::new(),
            hint: None,
        }
    }

    pub(crate) fn system_error() -> Self {
        Self {
            status: 500,
            kind: "systemerror",
            title: "System error",
            detail: "The request was not carried out (the sandbox's failRate).".to_owned(),
            entries: Vec::new(),
            hint: None,
        }
    }

    /// The acquirer or the card's issuer said no to an attempt.
    pub(crate) fn declined(status: u16, kind: &'static str, during: &str, answer: &str) -> Self {
        Self {
            status,
            kind,
            title: "Operation failed",
            detail: format!("Unable to complete {during} transaction, look at problem node!"),
            entries: vec![Entry::new("ExternalResponse", answer)],
            hint: None,
        }
    }

    /// As it stands inside an order (`failed`, `failedAttempts`): without an instance.
    pub(crate) fn inner_json(&self) -> Value {
        let entries: Vec<Value> = self
            .entries
            .iter()
            .map(|entry| json!({ "name": entry.name, "description": entry.description }))
            .collect();
        let mut body = json!({
            "type": format!("{TYPES}/{}", self.kind),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "problems": entries,
        });
        if let (Some(hint), Some(map)) = (&self.hint, body.as_object_mut()) {
            let (name, value) = hint.as_ref();
            map.insert((*name).to_owned(), value.clone());
        }
        body
    }

    /// As it is answered.
    pub(crate) fn to_json(&self) -> Value {
        let mut body = self.inner_json();
        if let Some(map) = body.as_object_mut() {
            let instance = format!(
                "https://api.payex.com/psp/probleminstance/{}",
                Uuid::new_v4().simple()
            );
            map.insert("instance".to_owned(), Value::String(instance));
            map.insert(
                "sessionId".to_owned(),
                Value::String(Uuid::new_v4().to_string()),
            );
        }
        body
    }
}

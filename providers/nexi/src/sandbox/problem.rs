//! The three forms in which the provider refuses: nothing but a status, messages by field, and a
//! number.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Messages by the dotted path of the field.
#[derive(Default)]
pub(crate) struct Wrong(BTreeMap<String, Vec<String>>);

impl Wrong {
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.entry(field.into()).or_default().push(message.into());
    }

    /// # Errors
    /// The refusal, when anything was wrong.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Problem::Fields(self))
        }
    }
}

pub(crate) enum Problem {
    /// 401, 404, 405, 409, 429, and 402 of a charge of an agreement.
    Empty(u16),
    /// 400.
    Fields(Wrong),
    /// 402 of a charge of a payment, 500, and what says no to an agreement.
    Numbered {
        status: u16,
        code: &'static str,
        message: &'static str,
    },
}

impl Problem {
    pub(crate) const NOT_FOUND: Self = Self::Empty(404);
    pub(crate) const NOT_ALLOWED: Self = Self::Empty(405);
    pub(crate) const CONFLICT: Self = Self::Empty(409);

    pub(crate) fn field(name: &str, message: &str) -> Self {
        let mut wrong = Wrong::default();
        wrong.add(name, message);
        Self::Fields(wrong)
    }

    /// 402 on a charge of a payment.
    pub(crate) fn payment_required(code: &'static str, message: &'static str) -> Self {
        Self::Numbered {
            status: 402,
            code,
            message,
        }
    }

    pub(crate) fn internal() -> Self {
        Self::Numbered {
            status: 500,
            code: "1000",
            message: "The sandbox was told to fail.",
        }
    }

    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Empty(status) | Self::Numbered { status, .. } => *status,
            Self::Fields(_) => 400,
        }
    }

    pub(crate) fn to_json(&self) -> Option<Value> {
        match self {
            Self::Empty(_) => None,
            Self::Fields(Wrong(errors)) => Some(json!({ "errors": errors })),
            Self::Numbered { code, message, .. } => {
                Some(json!({ "message": message, "code": code, "source": "Internal" }))
            }
        }
    }
}

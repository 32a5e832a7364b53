//! One broken field of a request, told so that its sender can mend it.

use serde::Serialize;

/// An entry of `errors` (CONTRACT 4.5). The message says what to do and never repeats the value,
/// which may be personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub field: String,
    pub code: &'static str,
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

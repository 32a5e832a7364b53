//! Reads claims of a type and remembers everything that was wrong.

use std::fmt::Display;

use rust_decimal::Decimal;

use super::FieldError;
use crate::signing::Claims;
use crate::signing::read_decimal;

/// What became of one claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim<T> {
    /// Not there, or `null`.
    Absent,
    /// There and wrong; its error is recorded, so nothing more is said about it.
    Broken,
    Given(T),
}

impl<T> Claim<T> {
    pub(super) fn given(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Broken => None,
        }
    }

    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(super) const fn is_broken(&self) -> bool {
        matches!(self, Self::Broken)
    }
}

/// The claims of one token with the errors found so far.
pub(super) struct Reader<'a> {
    claims: &'a Claims,
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(claims: &'a Claims) -> Self {
        let repeated = claims.repeated().iter().map(|name| {
            let message = "stands in the token more than once; send it once.";
            FieldError::new(shortened(name), "conflict", message)
        });
        Self {
            claims,
            errors: repeated.collect(),
        }
    }

    pub(super) fn refuse(&mut self, field: &str, code: &'static str, message: impl Display) {
        self.errors
            .push(FieldError::new(field, code, message.to_string()));
    }

    /// Says that a field must be there, unless something was already said about it.
    pub(super) fn require<T>(&mut self, claim: &Claim<T>, field: &str, message: &str) {
        if claim.is_absent() {
            self.refuse(field, "required", message);
        }
    }

    pub(super) fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    pub(super) fn text(&mut self, name: &str) -> Claim<String> {
        self.read(name, "must be a JSON string.", |text| {
            serde_json::from_str(text).ok()
        })
    }

    pub(super) fn boolean(&mut self, name: &str) -> Claim<bool> {
        let message = "must be true or false, without quotation marks.";
        self.read(name, message, |text| text.parse().ok())
    }

    pub(super) fn decimal(&mut self, name: &str) -> Claim<Decimal> {
        let Some(text) = self.claims.get(name) else {
            return Claim::Absent;
        };
        let (code, message) = match read_decimal(text) {
            Ok(value) => return Claim::Given(value),
            Err(problem) => problem.told(),
        };
        self.refuse(name, code, message);
        Claim::Broken
    }

    pub(super) fn integer(&mut self, name: &str) -> Claim<i64> {
        let message = "must be a whole JSON number, without quotation marks.";
        self.read(name, message, |text| {
            let number = read_decimal(text).ok()?.normalize();
            if number.scale() > 0 {
                return None;
            }
            i64::try_from(number).ok()
        })
    }

    /// Goes on with a given claim; what `check` answers as an error is recorded.
    pub(super) fn check<T, U>(
        &mut self,
        claim: Claim<T>,
        field: &str,
        check: impl FnOnce(T) -> Result<U, (&'static str, String)>,
    ) -> Claim<U> {
        match claim {
            Claim::Absent => Claim::Absent,
            Claim::Broken => Claim::Broken,
            Claim::Given(value) => match check(value) {
                Ok(value) => Claim::Given(value),
                Err((code, message)) => {
                    self.refuse(field, code, message);
                    Claim::Broken
                }
            },
        }
    }

    fn read<T>(
        &mut self,
        name: &str,
        message: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Claim<T> {
        let Some(text) = self.claims.get(name) else {
            return Claim::Absent;
        };
        if let Some(value) = read(text) {
            return Claim::Given(value);
        }
        self.refuse(name, "invalid", message);
        Claim::Broken
    }
}

/// A name that the token's author chose, short enough for an answer.
fn shortened(name: &str) -> String {
    name.chars().take(100).collect()
}

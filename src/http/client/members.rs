//! The members of a JSON body, each read of a type, with everything that was wrong.
//!
//! Decimals are read from the text they were written in, never through a float. Members that
//! nobody asks for are ignored. What must never be in a message is a member's value.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::http::problem::{Code, FieldProblem, Problem};
use crate::payments::asked::{MAX_DESCRIPTION_CHARACTERS, MAX_REFERENCE_CHARACTERS};
use crate::signing::{Claims, DecimalProblem, read_decimal};

/// One body with the problems found so far.
pub struct Members {
    body: Claims,
    problems: Vec<FieldProblem>,
}

impl Members {
    /// Reads a body; an empty one has no members.
    ///
    /// # Errors
    /// 400 when it is not a JSON object.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let text = if body.is_empty() { b"{}" } else { body };
        let body = Claims::read(text).map_err(|_| {
            let message = "The body is not a JSON object.";
            Problem {
                errors: vec![field_problem("body", "invalid", message)],
                ..Problem::detailed(Code::InvalidRequest, message)
            }
        })?;
        let repeated = body.repeated().iter().map(|name| {
            let name: String = name.chars().take(100).collect();
            field_problem(&name, "conflict", "stands in the body more than once.")
        });
        Ok(Self {
            problems: repeated.collect(),
            body,
        })
    }

    /// # Errors
    /// 400 with every broken member.
    pub fn finish(self) -> Result<(), Problem> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(self.into_problem())
    }

    /// The problem with every broken member.
    pub fn into_problem(self) -> Problem {
        Problem {
            errors: self.problems,
            ..Problem::detailed(
                Code::InvalidRequest,
                "Members of the body are missing or broken; errors lists every one.",
            )
        }
    }

    pub fn refuse(&mut self, name: &str, code: &str, message: &str) {
        self.problems.push(field_problem(name, code, message));
    }

    /// Whether the body says anything of this member.
    pub fn has(&self, name: &str) -> bool {
        self.body.get(name).is_some()
    }

    /// An amount in major units, more than 0: a JSON number, or a string that holds one.
    pub fn amount(&mut self, name: &str) -> Option<Decimal> {
        let value = self.decimal(name)?;
        if value > Decimal::ZERO {
            return Some(value);
        }
        self.refuse(name, "out_of_range", "must be more than 0.");
        None
    }

    /// A part of an amount in major units, 0 or more.
    pub fn share(&mut self, name: &str) -> Option<Decimal> {
        let value = self.decimal(name)?;
        if value >= Decimal::ZERO {
            return Some(value);
        }
        self.refuse(name, "out_of_range", "must not be negative.");
        None
    }

    /// An identifier that we gave: a whole number.
    pub fn id(&mut self, name: &str) -> Option<i64> {
        let read = |text: &str| {
            let number = read_decimal(text).ok()?.normalize();
            if number.scale() > 0 {
                return None;
            }
            i64::try_from(number).ok()
        };
        self.of(name, "must be a whole JSON number.", read)
    }

    /// A day, `YYYY-MM-DD`.
    pub fn day(&mut self, name: &str) -> Option<NaiveDate> {
        let read = |text: &str| {
            let text: String = serde_json::from_str(text).ok()?;
            // chrono also takes `2026-1-5`, which others read differently.
            let day: NaiveDate = text.parse().ok()?;
            (day.to_string() == text).then_some(day)
        };
        self.of(name, "must be a day such as \"2026-12-01\".", read)
    }

    /// Any text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let read = |text: &str| serde_json::from_str(text).ok();
        self.of(name, "must be a JSON string.", read)
    }

    /// The client's own reference, kept exactly as it is.
    pub fn reference(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let is_sound = text.trim() == text && !text.chars().any(char::is_control);
        if is_sound && (1..=MAX_REFERENCE_CHARACTERS).contains(&text.chars().count()) {
            return Some(text);
        }
        let message = "must have 1 to 100 characters, no whitespace at its ends and no control \
                       characters.";
        self.refuse(name, "invalid", message);
        None
    }

    /// What the payer reads.
    pub fn description(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let shown: String = text.chars().filter(|c| !c.is_control()).collect();
        let shown = shown.trim();
        if (1..=MAX_DESCRIPTION_CHARACTERS).contains(&shown.chars().count()) {
            return Some(shown.to_owned());
        }
        self.refuse(name, "invalid", "must have 1 to 500 visible characters.");
        None
    }

    /// Says that a member must be there, unless something was said about it already.
    pub fn require<T>(&mut self, value: Option<T>, name: &str) -> Option<T> {
        if value.is_none() && !self.has(name) {
            self.refuse(name, "required", "is required.");
        }
        value
    }

    fn decimal(&mut self, name: &str) -> Option<Decimal> {
        let written = self.body.get(name)?;
        let quoted: Option<String> = serde_json::from_str(written).ok();
        let (code, message) = match read_decimal(quoted.as_deref().unwrap_or(written)) {
            Ok(value) => return Some(value),
            Err(DecimalProblem::NotANumber) => (
                "invalid",
                "must be a decimal in major units such as 349.50.",
            ),
            Err(problem) => problem.told(),
        };
        self.refuse(name, code, message);
        None
    }

    fn of<T>(
        &mut self,
        name: &str,
        message: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.body.get(name)?);
        if value.is_none() {
            self.refuse(name, "invalid", message);
        }
        value
    }
}

/// One entry of `errors`.
pub fn field_problem(field: &str, code: &str, message: &str) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Members {
        Members::read(body.as_bytes()).unwrap()
    }

    fn amount(written: &str) -> Option<String> {
        let mut members = of(&format!("{{\"amount\":{written}}}"));
        members.amount("amount").map(|amount| amount.to_string())
    }

    #[test]
    fn an_amount_is_read_exactly_as_it_was_written() {
        for (written, read) in [
            ("349", "349"),
            ("349.50", "349.5"),
            ("\"349.50\"", "349.5"),
            ("0.1", "0.1"),
            ("1e2", "100"),
            ("92233720368547758.07", "92233720368547758.07"),
        ] {
            assert_eq!(amount(written).as_deref(), Some(read), "{written}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for written in [
            "0", "-1", "\"\"", "\"1,5\"", "\" 1\"", "\"NaN\"", "true", "[1]", "1e99", "\"0x10\"",
        ] {
            assert_eq!(amount(written), None, "{written}");
        }
    }

    #[test]
    fn an_empty_body_has_no_members_and_a_list_is_no_body() {
        assert!(!Members::read(b"").unwrap().has("amount"));
        for body in ["[]", "1", "{", "{\"a\":}", "\u{feff}{}"] {
            assert!(Members::read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn every_broken_member_is_told_at_once() {
        let mut members = of(
            r#"{"amount":-1,"orderId":1.5,"dueDate":"2026-1-5","externalReference":" x","unknown":{}}"#,
        );
        members.amount("amount");
        members.id("orderId");
        members.day("dueDate");
        members.reference("externalReference");
        let description = members.description("description");
        members.require(description, "description");
        let problem = members.finish().unwrap_err();
        let fields: Vec<&str> = problem
            .errors
            .iter()
            .map(|error| error.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "amount",
                "orderId",
                "dueDate",
                "externalReference",
                "description"
            ]
        );
    }

    #[test]
    fn a_member_that_stands_there_twice_is_refused() {
        let problem = of(r#"{"amount":1,"amount":100}"#).finish().unwrap_err();
        assert_eq!(problem.errors[0].code, "conflict");
    }

    #[test]
    fn null_is_the_same_as_absent() {
        let mut members = of(r#"{"amount":null,"orderId":null}"#);
        assert_eq!(members.amount("amount"), None);
        assert_eq!(members.id("orderId"), None);
        assert!(members.finish().is_ok());
    }
}

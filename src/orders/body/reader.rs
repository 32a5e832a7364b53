//! Reads members of a JSON object, each as the text it was written in, so that no amount passes
//! through a float, and remembers everything that was wrong, with its path.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::payments::terms::FieldError;
use crate::signing::read_decimal;

/// A JSON object whose members are not read yet.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Object(BTreeMap<String, Box<RawValue>>);

impl Object {
    /// Reads the body of a request; `None` when it is no JSON object.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The JSON text of a member; `None` when it is absent or `null`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name).map(|value| value.get());
        text.filter(|text| *text != "null")
    }

    /// A member that is a string.
    pub fn find_text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.get(name)?).ok()
    }

    pub fn find_object(&self, name: &str) -> Option<Self> {
        serde_json::from_str(self.get(name)?).ok()
    }

    pub fn find_list(&self, name: &str) -> Option<Vec<Box<RawValue>>> {
        serde_json::from_str(self.get(name)?).ok()
    }
}

/// What became of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<T> {
    /// Not there, or `null`.
    Absent,
    /// There and wrong; its error is recorded.
    Broken,
    Given(T),
}

impl<T> Field<T> {
    pub(super) fn given(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Broken => None,
        }
    }
}

/// One object of the body, and where it stands in it.
pub(super) struct Reader<'a> {
    object: &'a Object,
    path: String,
    errors: &'a mut Vec<FieldError>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(object: &'a Object, errors: &'a mut Vec<FieldError>) -> Self {
        Self {
            object,
            path: String::new(),
            errors,
        }
    }

    /// An object within this one, at `path` from here.
    pub(super) fn within<'b>(&'b mut self, object: &'b Object, path: &str) -> Reader<'b> {
        Reader {
            object,
            path: format!("{}{path}.", self.path),
            errors: self.errors,
        }
    }

    pub(super) fn refuse(&mut self, field: &str, code: &'static str, message: &str) {
        let path = format!("{}{field}", self.path);
        self.errors.push(FieldError::new(path, code, message));
    }

    /// A text of 1 to `longest` characters; an empty one counts as absent.
    pub(super) fn text(&mut self, name: &str, longest: usize) -> Field<String> {
        let field = self.read(name, "must be a JSON string.", |text| {
            serde_json::from_str::<String>(text).ok()
        });
        match field {
            Field::Given(text) if text.is_empty() => Field::Absent,
            Field::Given(text) if text.chars().count() > longest => {
                let message = format!("must have at most {longest} characters.");
                self.refuse(name, "too_long", &message);
                Field::Broken
            }
            field => field,
        }
    }

    /// Checks that a member, where it is there, is a text.
    pub(super) fn check_texts(&mut self, names: &[&str], longest: usize) {
        for name in names {
            self.text(name, longest);
        }
    }

    /// A flag; false when absent.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        let message = "must be true or false, without quotation marks.";
        let field = self.read(name, message, |text| text.parse().ok());
        field.given().unwrap_or_default()
    }

    pub(super) fn decimal(&mut self, name: &str) -> Field<Decimal> {
        let Some(text) = self.object.get(name) else {
            return Field::Absent;
        };
        let (code, message) = match read_decimal(text) {
            Ok(value) if value.is_sign_negative() && !value.is_zero() => {
                ("out_of_range", "must not be negative.")
            }
            Ok(value) => return Field::Given(value),
            Err(problem) => problem.told(),
        };
        self.refuse(name, code, message);
        Field::Broken
    }

    /// A whole number within `range`.
    pub(super) fn integer(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Field<i64> {
        let message = "must be a whole JSON number, without quotation marks.";
        let field = self.read(name, message, |text| {
            let number = read_decimal(text).ok()?.normalize();
            if number.scale() > 0 {
                return None;
            }
            i64::try_from(number).ok()
        });
        match field {
            Field::Given(number) if !range.contains(&number) => {
                let message = format!("must be from {} to {}.", range.start(), range.end());
                self.refuse(name, "out_of_range", &message);
                Field::Broken
            }
            field => field,
        }
    }

    pub(super) fn object(&mut self, name: &str) -> Field<Object> {
        self.read(name, "must be a JSON object.", |text| {
            serde_json::from_str(text).ok()
        })
    }

    pub(super) fn list(&mut self, name: &str) -> Field<Vec<Box<RawValue>>> {
        self.read(name, "must be a JSON list.", |text| {
            serde_json::from_str(text).ok()
        })
    }

    /// How many texts a list of texts holds that are not empty.
    pub(super) fn count_texts(&mut self, name: &str) -> Field<usize> {
        let message = "must be a JSON list of strings.";
        let texts = self.read(name, message, |text| {
            serde_json::from_str::<Vec<String>>(text).ok()
        });
        match texts {
            Field::Given(texts) => {
                Field::Given(texts.iter().filter(|text| !text.is_empty()).count())
            }
            Field::Absent => Field::Absent,
            Field::Broken => Field::Broken,
        }
    }

    pub(super) fn read<T>(
        &mut self,
        name: &str,
        message: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Field<T> {
        let Some(text) = self.object.get(name) else {
            return Field::Absent;
        };
        if let Some(value) = read(text) {
            return Field::Given(value);
        }
        self.refuse(name, "invalid", message);
        Field::Broken
    }
}

//! One table of the file, read field by field, with every problem noted under its path. Reading
//! this way and not through a derive: a derive stops at the first problem, and quotes values.

use std::cell::RefCell;

use toml::{Table, Value};

use super::FileProblem;

/// What was wrong so far, in the order it was found.
#[derive(Default)]
pub(super) struct Problems(RefCell<Vec<FileProblem>>);

impl Problems {
    pub(super) fn add(&self, path: impl Into<String>, message: impl Into<String>) {
        self.0.borrow_mut().push(FileProblem {
            path: path.into(),
            message: message.into(),
        });
    }

    pub(super) fn into_vec(self) -> Vec<FileProblem> {
        self.0.into_inner()
    }
}

/// A table; fields leave it as they are read, so that what is left at the end is unknown.
pub(super) struct Section<'a> {
    path: String,
    table: Table,
    known: Vec<&'static str>,
    problems: &'a Problems,
}

impl<'a> Section<'a> {
    pub(super) fn new(path: String, table: Table, problems: &'a Problems) -> Self {
        Self {
            path,
            table,
            known: Vec::new(),
            problems,
        }
    }

    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(super) fn problem(&self, key: &str, message: impl Into<String>) {
        self.problems.add(self.path(key), message);
    }

    pub(super) fn problems(&self) -> &'a Problems {
        self.problems
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let Value::String(text) = self.take(key)? else {
            self.problem(key, "must be a string, in quotation marks");
            return None;
        };
        Some(text)
    }

    /// A string that must be there, of 1 to `longest` characters, none of them control characters.
    pub(super) fn required_text(&mut self, key: &'static str, longest: usize) -> Option<String> {
        if !self.table.contains_key(key) {
            self.known.push(key);
            self.problem(key, "is required");
            return None;
        }
        let text = self.text(key)?;
        let length = text.chars().count();
        if length == 0 || length > longest || text.trim() != text {
            let message =
                format!("must have 1 to {longest} characters, and no whitespace at its ends");
            self.problem(key, message);
            return None;
        }
        if text.chars().any(char::is_control) {
            self.problem(key, "must have no control characters");
            return None;
        }
        Some(text)
    }

    /// A string that `read` turns into something, or whose `message` says what it must be.
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        message: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?;
        let value = read(&text);
        if value.is_none() {
            self.problem(key, message);
        }
        value
    }

    /// Like [`Section::parsed`], for a field that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        message: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if !self.table.contains_key(key) {
            self.known.push(key);
            self.problem(key, format!("is required, and {message}"));
            return None;
        }
        self.parsed(key, message, read)
    }

    pub(super) fn integer(&mut self, key: &'static str) -> Option<i64> {
        let Value::Integer(number) = self.take(key)? else {
            self.problem(key, "must be a whole number, without quotation marks");
            return None;
        };
        Some(number)
    }

    pub(super) fn required_integer(&mut self, key: &'static str) -> Option<i64> {
        if !self.table.contains_key(key) {
            self.known.push(key);
            self.problem(key, "is required: a whole number");
            return None;
        }
        self.integer(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'a>> {
        let Value::Table(table) = self.take(key)? else {
            self.problem(key, "must be a table");
            return None;
        };
        Some(Self::new(self.path(key), table, self.problems))
    }

    /// The tables of `[[key]]`.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'a>> {
        let items = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                let message = format!("must be written as [[{}]]", self.path(key));
                self.problem(key, message);
                return Vec::new();
            }
        };
        let mut sections = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("{}[{index}]", self.path(key));
            match item {
                Value::Table(table) => sections.push(Self::new(path, table, self.problems)),
                _ => self.problems.add(path, "must be a table"),
            }
        }
        sections
    }

    /// Notes every field that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let shown: String = key.chars().take(60).collect();
            let message = format!("is not known here; known are {}", self.known.join(", "));
            self.problems.add(self.path(&shown), message);
        }
    }
}

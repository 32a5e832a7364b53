//! Reads the fields of a request, and collects everything that is wrong with them, so that one
//! refusal names it all.

use std::cell::RefCell;

use serde_json::{Map, Value};
use url::{Host, Url};

use super::problems::{Entry, Problem};

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Wrong(RefCell<Vec<Entry>>);

impl Wrong {
    pub(crate) fn add(&self, name: impl Into<String>, description: impl Into<String>) {
        self.0.borrow_mut().push(Entry::new(name, description));
    }

    /// # Errors
    /// All that was found wrong.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let entries = self.0.borrow();
        if entries.is_empty() {
            Ok(())
        } else {
            Err(Problem::input(entries.clone()))
        }
    }
}

/// One object of a request.
pub(crate) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: String,
    pub(crate) wrong: &'a Wrong,
}

impl<'a> Fields<'a> {
    /// The object under the request's root key, e.g. `transaction`; the first of `keys` that is
    /// there counts, because the API takes `paymentorder` and `paymentOrder`.
    ///
    /// # Errors
    /// 400, when the body has no such object.
    pub(crate) fn root(
        body: &'a Value,
        keys: &[&str],
        path: &str,
        wrong: &'a Wrong,
    ) -> Result<Self, Problem> {
        let object = keys
            .iter()
            .find_map(|key| body.get(key))
            .and_then(Value::as_object);
        if object.is_none() {
            return Err(Problem::field(
                path,
                format!("The {path} object is required."),
            ));
        }
        Ok(Self {
            object,
            path: path.to_owned(),
            wrong,
        })
    }

    pub(crate) fn child(&self, key: &str) -> Self {
        let value = self.value(key);
        if value.is_some_and(|value| !value.is_object()) {
            self.refuse(key, "must be an object");
        }
        Self {
            object: value.and_then(Value::as_object),
            path: self.name(key),
            wrong: self.wrong,
        }
    }

    /// The name of a field as the API's refusals write it: `PaymentOrder.PayeeInfo.PayeeId`.
    pub(crate) fn name(&self, key: &str) -> String {
        let mut letters = key.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        format!(
            "{}.{}{}",
            self.path,
            first.unwrap_or_default(),
            letters.as_str()
        )
    }

    pub(crate) fn refuse(&self, key: &str, what: &str) {
        let name = self.name(key);
        let field = name.rsplit('.').next().unwrap_or_default().to_owned();
        self.wrong.add(name, format!("The field {field} {what}."));
    }

    pub(crate) fn value(&self, key: &str) -> Option<&'a Value> {
        self.object
            .and_then(|object| object.get(key))
            .filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        let value = self.value(key)?;
        if let Some(text) = value.as_str() {
            return Some(text).filter(|text| !text.trim().is_empty());
        }
        self.refuse(key, "must be a string");
        None
    }

    /// A string of at most `longest` characters.
    pub(crate) fn bounded(&self, key: &str, longest: usize) -> Option<&'a str> {
        let text = self.text(key)?;
        if text.chars().count() > longest {
            self.refuse(key, &format!("must be at most {longest} characters long"));
        }
        Some(text)
    }

    pub(crate) fn required(&self, key: &str) -> &'a str {
        let missing = self
            .value(key)
            .is_none_or(|value| value.as_str() == Some(""));
        let text = self.text(key);
        if missing || (text.is_none() && self.value(key).is_some_and(Value::is_string)) {
            self.refuse(key, "is required");
        }
        text.unwrap_or_default()
    }

    pub(crate) fn required_bounded(&self, key: &str, longest: usize) -> &'a str {
        let text = self.required(key);
        if text.chars().count() > longest {
            self.refuse(key, &format!("must be at most {longest} characters long"));
        }
        text
    }

    pub(crate) fn integer(&self, key: &str) -> Option<i64> {
        let value = self.value(key)?;
        if let Some(number) = value.as_i64() {
            return Some(number);
        }
        self.refuse(key, "must be an integer in minor units");
        None
    }

    pub(crate) fn required_integer(&self, key: &str) -> i64 {
        if self.value(key).is_none() {
            self.refuse(key, "is required");
        }
        self.integer(key).unwrap_or_default()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.refuse(key, "must be true or false");
                false
            }
        }
    }

    pub(crate) fn list(&self, key: &str) -> Option<&'a [Value]> {
        let value = self.value(key)?;
        if let Some(items) = value.as_array() {
            return Some(items);
        }
        self.refuse(key, "must be an array");
        None
    }

    pub(crate) fn url(&self, key: &str) -> Option<Url> {
        let text = self.text(key)?;
        let url = read_url(text);
        if url.is_none() {
            self.refuse(
                key,
                "must be an absolute https URL (http only for this machine)",
            );
        }
        url
    }

    pub(crate) fn required_url(&self, key: &str) -> Option<Url> {
        if self.text(key).is_none() && self.value(key).is_none_or(Value::is_string) {
            self.refuse(key, "is required");
            return None;
        }
        self.url(key)
    }

    /// An amount that is positive, and the part of it that is VAT.
    pub(crate) fn amounts(&self) -> (i64, i64) {
        let amount = self.required_integer("amount");
        let vat_amount = self.required_integer("vatAmount");
        if self.value("amount").is_some_and(Value::is_i64) && amount <= 0 {
            self.refuse("amount", "must be greater than zero");
        }
        if vat_amount < 0 || vat_amount > amount.max(0) {
            self.refuse("vatAmount", "must be between zero and the amount");
        }
        (amount, vat_amount)
    }

    /// A `payeeReference`: 1 to 30 letters and digits. The documentation also says 50; 30 is what
    /// holds in every place.
    pub(crate) fn payee_reference(&self) -> &'a str {
        let text = self.required("payeeReference");
        if text.len() > 30 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.refuse(
                "payeeReference",
                "must match the regular expression '^[A-Za-z0-9]{1,30}$'",
            );
        }
        text
    }
}

/// An absolute https URL; http only where it cannot leave this machine.
pub(crate) fn read_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let loopback = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => Some(url),
        "http" if loopback => Some(url),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_taken_only_for_this_machine() {
        assert!(read_url("http://localhost:8080/x").is_some());
        assert!(read_url("http://127.0.0.1/x").is_some());
        assert!(read_url("http://[::1]:1/x").is_some());
        assert!(read_url("https://shop.example/x").is_some());
        assert!(read_url("http://shop.example/x").is_none());
        assert!(read_url("http://localhost.example/x").is_none());
        assert!(read_url("/relative").is_none());
        assert!(read_url("javascript:alert(1)").is_none());
        assert!(read_url("data:text/html,x").is_none());
    }
}

//! Reads the fields of a request strictly: what is unknown, null, of the wrong type or out of its
//! bounds is collected, so that one refusal names it all.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use url::{Host, Url};

use super::problem::{Entry, Family, Problem};

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Wrong(RefCell<Vec<Entry>>);

impl Wrong {
    pub(crate) fn add(&self, name: impl Into<String>, reason: impl Into<String>) {
        self.0.borrow_mut().push(Entry {
            name: name.into(),
            reason: reason.into(),
        });
    }

    /// # Errors
    /// All that was found wrong.
    pub(crate) fn check(&self, family: Family) -> Result<(), Problem> {
        let entries = self.0.borrow();
        if entries.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid(family, &entries))
        }
    }
}

/// One object of a request. [`Fields::close`] refuses what nobody has read.
pub(crate) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: String,
    read: RefCell<Vec<&'static str>>,
    wrong: &'a Wrong,
}

impl<'a> Fields<'a> {
    pub(crate) fn root(body: &'a Value, wrong: &'a Wrong) -> Self {
        Self::new(Some(body), String::new(), wrong)
    }

    fn new(value: Option<&'a Value>, path: String, wrong: &'a Wrong) -> Self {
        if value.is_some_and(|value| !value.is_object()) {
            wrong.add(path.clone(), "must be an object");
        }
        Self {
            object: value.and_then(Value::as_object),
            path,
            read: RefCell::default(),
            wrong,
        }
    }

    fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(crate) fn refuse(&self, key: &str, reason: &str) {
        self.wrong.add(self.name(key), reason);
    }

    /// A field that may not be null.
    pub(crate) fn value(&self, key: &'static str) -> Option<&'a Value> {
        let value = self.nullable_value(key)?;
        if value.is_null() {
            self.refuse(key, "must not be null");
            return None;
        }
        Some(value)
    }

    fn nullable_value(&self, key: &'static str) -> Option<&'a Value> {
        self.read.borrow_mut().push(key);
        self.object?.get(key)
    }

    /// A field that the documentation marks as nullable.
    pub(crate) fn nullable(&self, key: &'static str) -> Option<&'a Value> {
        self.nullable_value(key).filter(|value| !value.is_null())
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.object.is_some_and(|object| object.contains_key(key))
    }

    pub(crate) fn find_object(&self, key: &'static str) -> Option<Self> {
        let value = self.value(key)?;
        Some(Self::new(Some(value), self.name(key), self.wrong))
    }

    /// An object that must be there; where it is not, everything in it is missing.
    pub(crate) fn object(&self, key: &'static str) -> Self {
        let value = self.value(key);
        if value.is_none() {
            self.refuse(key, "is required");
        }
        Self::new(value, self.name(key), self.wrong)
    }

    pub(crate) fn text(&self, key: &'static str, bounds: RangeInclusive<usize>) -> Option<&'a str> {
        let text = self.value(key)?.as_str();
        match text {
            Some(text) if bounds.contains(&text.chars().count()) => return text.into(),
            Some(_) => {
                let (least, most) = bounds.into_inner();
                self.refuse(key, &format!("must be {least} to {most} characters long"));
            }
            None => self.refuse(key, "must be a string"),
        }
        None
    }

    pub(crate) fn required_text(
        &self,
        key: &'static str,
        bounds: RangeInclusive<usize>,
    ) -> &'a str {
        self.must_have(key);
        self.text(key, bounds).unwrap_or_default()
    }

    /// Notes that a field is missing; where its object is, that is said already.
    fn must_have(&self, key: &'static str) {
        if self.object.is_some() && !self.has(key) {
            self.refuse(key, "is required");
        }
    }

    /// A whole number; decimals and texts are refused.
    pub(crate) fn integer(&self, key: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let number = self.value(key)?.as_i64();
        match number {
            Some(number) if bounds.contains(&number) => return number.into(),
            Some(_) => {
                let (least, most) = bounds.into_inner();
                self.refuse(key, &format!("must be between {least} and {most}"));
            }
            None => self.refuse(key, "must be an integer"),
        }
        None
    }

    pub(crate) fn required_integer(&self, key: &'static str, bounds: RangeInclusive<i64>) -> i64 {
        self.must_have(key);
        self.integer(key, bounds).unwrap_or_default()
    }

    pub(crate) fn flag(&self, key: &'static str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.refuse(key, "must be true or false");
                false
            }
        }
    }

    pub(crate) fn one_of(&self, key: &'static str, words: &[&'static str]) -> Option<&'static str> {
        let value = self.value(key)?;
        let found = words.iter().find(|word| value.as_str() == Some(**word));
        if found.is_none() {
            self.refuse(key, &format!("must be one of {}", words.join(", ")));
        }
        found.copied()
    }

    pub(crate) fn required_one_of(
        &self,
        key: &'static str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        self.must_have(key);
        self.one_of(key, words)
    }

    /// An https address or that of an app; http only for this machine.
    pub(crate) fn url(&self, key: &'static str) -> Option<Url> {
        let text = self.text(key, 1..=1024)?;
        let url = read_url(text);
        if url.is_none() {
            self.refuse(
                key,
                "must be an absolute https URL (http only for this machine)",
            );
        }
        url
    }

    pub(crate) fn required_url(&self, key: &'static str) -> Option<Url> {
        self.must_have(key);
        self.url(key)
    }

    /// Refuses every field that was not read.
    pub(crate) fn close(&self) {
        let read = self.read.borrow();
        let unknown = self.object.into_iter().flat_map(Map::keys);
        for key in unknown.filter(|key| !read.contains(&key.as_str())) {
            self.refuse(key, "is not a known field");
        }
    }
}

/// Schemes that a browser would run instead of open.
const HARMFUL: [&str; 5] = ["javascript", "data", "vbscript", "file", "blob"];

/// Where the payer may be sent: https, an app's own scheme, or http on this machine.
pub(crate) fn read_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    match url.scheme() {
        "https" => url.has_host().then_some(url),
        "http" => is_loopback(&url).then_some(url),
        scheme => (!HARMFUL.contains(&scheme)).then_some(url),
    }
}

/// Where the provider calls: https, or http on this machine.
pub(crate) fn read_web_url(text: &str) -> Option<Url> {
    read_url(text).filter(|url| matches!(url.scheme(), "https" | "http"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_taken_only_for_this_machine_and_nothing_that_a_browser_would_run() {
        for text in [
            "https://shop.example/x",
            "http://localhost:8080/x",
            "http://127.0.0.1/x",
            "http://[::1]:1/x",
            "myapp://back",
        ] {
            assert!(read_url(text).is_some(), "{text}");
        }
        for text in [
            "http://shop.example/x",
            "http://localhost.example/x",
            "/relative",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            assert!(read_url(text).is_none(), "{text}");
        }
        assert!(read_web_url("myapp://back").is_none());
    }
}

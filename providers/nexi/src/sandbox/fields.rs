//! Reads a body and collects what is wrong with it, under the dotted paths of its fields.

use serde_json::Value;
use url::{Host, Url};

use super::problem::Wrong;

/// The characters that a text may not have, and how long it may be.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    refused: &'static [char],
    most: usize,
}

/// References, units, addresses.
pub(crate) const PLAIN: Rule = Rule {
    refused: &['<', '>', '\'', '"', '&', '\\'],
    most: 128,
};
/// The reference and name of a line.
pub(crate) const NAME: Rule = Rule {
    refused: &['<', '>', '\\'],
    most: 128,
};
/// `myReference`.
pub(crate) const MY_REFERENCE: Rule = Rule {
    refused: PLAIN.refused,
    most: 36,
};
/// Addresses of the shop's pages.
pub(crate) const URL: Rule = Rule {
    refused: &['<', '>', '\\', '“', '”', '‘', '’'],
    most: 256,
};
/// Where a webhook is posted.
pub(crate) const HOOK_URL: Rule = Rule {
    refused: PLAIN.refused,
    most: 256,
};

/// A value and where it stands.
#[derive(Clone)]
pub(crate) struct Part<'a> {
    pub(crate) value: &'a Value,
    pub(crate) path: String,
}

impl<'a> Part<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Self {
            value,
            path: String::new(),
        }
    }

    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Null is the same as absent.
    pub(crate) fn find(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self {
            value,
            path: self.path_of(name),
        })
    }

    pub(crate) fn get(&self, wrong: &mut Wrong, name: &str) -> Option<Self> {
        let found = self.find(name);
        if found.is_none() {
            wrong.add(self.path_of(name), format!("The {name} field is required."));
        }
        found
    }

    pub(crate) fn entries(&self, wrong: &mut Wrong) -> Vec<Self> {
        let Some(list) = self.value.as_array() else {
            wrong.add(&self.path, "It must be a list.");
            return Vec::new();
        };
        let entry = |(at, value)| Part {
            value,
            path: format!("{}[{at}]", self.path),
        };
        list.iter().enumerate().map(entry).collect()
    }

    pub(crate) fn text(&self, wrong: &mut Wrong, name: &str, rule: Rule) -> Option<&'a str> {
        self.find(name)?.own_text(wrong, rule)
    }

    pub(crate) fn get_text(&self, wrong: &mut Wrong, name: &str, rule: Rule) -> Option<&'a str> {
        let text = self.get(wrong, name)?.own_text(wrong, rule)?;
        if text.is_empty() {
            wrong.add(self.path_of(name), format!("The {name} field is required."));
        }
        Some(text)
    }

    fn own_text(&self, wrong: &mut Wrong, rule: Rule) -> Option<&'a str> {
        let Some(text) = self.value.as_str() else {
            wrong.add(&self.path, "It must be a text.");
            return None;
        };
        if text.chars().count() > rule.most {
            let most = rule.most;
            wrong.add(
                &self.path,
                format!("It may have {most} characters at most."),
            );
        }
        if text.contains(rule.refused) {
            wrong.add(&self.path, "It has a character that is not allowed.");
        }
        Some(text)
    }

    /// A whole number of 32 bits, as all of the provider's amounts are.
    pub(crate) fn integer(&self, wrong: &mut Wrong, name: &str) -> Option<i64> {
        let part = self.find(name)?;
        let number = part.value.as_i64();
        let number = number.filter(|number| i32::try_from(*number).is_ok());
        if number.is_none() {
            wrong.add(part.path, "It must be a whole number of 32 bits.");
        }
        number
    }

    pub(crate) fn get_integer(&self, wrong: &mut Wrong, name: &str) -> Option<i64> {
        self.get(wrong, name)?;
        self.integer(wrong, name)
    }

    pub(crate) fn flag(&self, wrong: &mut Wrong, name: &str) -> Option<bool> {
        let part = self.find(name)?;
        let flag = part.value.as_bool();
        if flag.is_none() {
            wrong.add(part.path, "It must be true or false.");
        }
        flag
    }

    /// A page of the shop; any scheme of the web, since a shop on a developer's machine is http.
    pub(crate) fn url(&self, wrong: &mut Wrong, name: &str) -> Option<Url> {
        let text = self.text(wrong, name, URL)?;
        let url = Url::parse(text).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none() {
            wrong.add(self.path_of(name), "It must be an absolute URL.");
        }
        url
    }

    /// ISO 3166-1 alpha-3 by its form; the two letters of alpha-2 are the usual mistake.
    pub(crate) fn country(&self, wrong: &mut Wrong, name: &str) -> Option<&'a str> {
        let text = self.text(wrong, name, PLAIN)?;
        if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            wrong.add(self.path_of(name), "It must be a country's three letters.");
        }
        Some(text)
    }
}

/// Whether what is sent there stays on this machine.
pub(crate) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

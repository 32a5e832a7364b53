//! A client's PayEx account: the settings, and what makes them usable.
//!
//! Read by hand rather than derived, so that every complaint names its field and never a value.

use std::fmt;

use mcpay_port::{AccountProblem, AccountSettings};
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::{Host, Url};

/// Which permission a recurring payment asks the payer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementKind {
    /// Amount and interval may vary; PayEx recommends it.
    Unscheduled,
    /// A fixed price at a fixed interval.
    Recurrence,
}

/// How `payeeReference` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceForm {
    /// The operation id in upper-case base 36: 25 characters.
    Base36,
    /// The operation's 12-digit number, for merchants who settle by it themselves.
    Digits12,
}

/// The settings, checked.
#[derive(Clone)]
pub struct Settings {
    /// Without a trailing slash; the API's paths are appended to it.
    pub base_url: Url,
    pub payee_id: String,
    pub access_token: SecretString,
    pub payee_reference: ReferenceForm,
    pub agreement: AgreementKind,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url.as_str())
            .field("payee_reference", &self.payee_reference)
            .field("agreement", &self.agreement)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// # Errors
    /// A sentence that names the field at fault.
    pub fn read(settings: &AccountSettings) -> Result<Self, AccountProblem> {
        let mut fields: Map<String, Value> = settings.read()?;
        let checked = Self {
            base_url: base_url(&required(&mut fields, "base_url")?)?,
            payee_id: payee_id(required(&mut fields, "payee_id")?)?,
            access_token: access_token(required(&mut fields, "access_token")?)?,
            payee_reference: match optional(&mut fields, "payee_reference")?.as_deref() {
                None | Some("base36") => ReferenceForm::Base36,
                Some("digits12") => ReferenceForm::Digits12,
                Some(_) => return problem("payee_reference must be base36 or digits12"),
            },
            agreement: match optional(&mut fields, "agreement")?.as_deref() {
                None | Some("unscheduled") => AgreementKind::Unscheduled,
                Some("recurrence") => AgreementKind::Recurrence,
                Some(_) => return problem("agreement must be unscheduled or recurrence"),
            },
        };
        match fields.keys().next() {
            Some(name) => problem(&format!("PayEx accounts have no field {name}")),
            None => Ok(checked),
        }
    }
}

fn problem<T>(sentence: &str) -> Result<T, AccountProblem> {
    Err(AccountProblem(sentence.to_owned()))
}

fn required(fields: &mut Map<String, Value>, name: &str) -> Result<String, AccountProblem> {
    optional(fields, name)?.map_or_else(|| problem(&format!("{name} is missing")), Ok)
}

fn optional(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, AccountProblem> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => problem(&format!("{name} must be a text")),
    }
}

fn base_url(text: &str) -> Result<Url, AccountProblem> {
    let Ok(mut url) = Url::parse(text) else {
        return problem("base_url is not a URL");
    };
    let fine = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    if !fine {
        return problem("base_url must begin with https, unless its host is this machine");
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return problem("base_url must have no user, query or fragment");
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// PayEx shows a GUID but asks that it be treated as opaque.
fn payee_id(text: String) -> Result<String, AccountProblem> {
    let sound = (1..=100).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
    if sound {
        Ok(text)
    } else {
        problem("payee_id must be 1 to 100 visible characters without spaces")
    }
}

/// Anything else could not be sent in a header.
fn access_token(text: String) -> Result<SecretString, AccountProblem> {
    if !text.is_empty() && text.len() <= 8192 && text.chars().all(|c| c.is_ascii_graphic()) {
        Ok(text.into())
    } else {
        problem("access_token must be visible characters without spaces")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TOKEN: &str = "token-that-nobody-may-see";

    fn read(change: &Value) -> Result<Settings, AccountProblem> {
        let mut fields = json!({
            "base_url": "https://api.externalintegration.payex.com/",
            "payee_id": "5cabf558-0000-4000-8000-4d58e06f6f3b",
            "access_token": TOKEN,
        });
        for (name, value) in change.as_object().unwrap() {
            fields[name] = value.clone();
        }
        Settings::read(&AccountSettings::from_json(fields.to_string()))
    }

    #[test]
    fn the_defaults_are_base36_and_unscheduled() {
        let settings = read(&json!({})).unwrap();
        assert_eq!(settings.payee_reference, ReferenceForm::Base36);
        assert_eq!(settings.agreement, AgreementKind::Unscheduled);
    }

    #[test]
    fn every_broken_field_is_named_and_no_value_is_shown() {
        let cases = [
            ("base_url", json!("http://api.payex.com")),
            ("base_url", json!("ftp://localhost")),
            ("base_url", json!("https://user:pw@api.payex.com")),
            ("base_url", json!("https://api.payex.com/?x=1")),
            ("base_url", json!(null)),
            ("payee_id", json!("")),
            ("payee_id", json!(["sekret-value"])),
            ("access_token", json!("sekret-value\r\nX: y")),
            ("access_token", json!(7)),
            ("payee_reference", json!("sekret-value")),
            ("agreement", json!("sekret-value")),
            ("colour", json!("sekret-value")),
        ];
        for (name, value) in cases {
            let complaint = read(&json!({ name: value })).unwrap_err().to_string();
            assert!(complaint.contains(name), "{name}: {complaint}");
            assert!(!complaint.contains("sekret"), "{complaint}");
            assert!(!complaint.contains(TOKEN), "{complaint}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for host in ["localhost:8080", "127.0.0.1", "[::1]:9"] {
            assert!(read(&json!({ "base_url": format!("http://{host}/x") })).is_ok());
        }
        for host in ["localhost.example", "10.0.0.1", "127.0.0.1.example"] {
            assert!(read(&json!({ "base_url": format!("http://{host}/x") })).is_err());
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", read(&json!({})).unwrap());
        assert!(!shown.contains(TOKEN), "{shown}");
    }
}

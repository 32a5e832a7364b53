//! A client's Nexi account: the settings, and what makes them usable.
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
    /// A stored card that may be charged any amount at any time.
    Unscheduled,
    /// A fixed price at regular times, with an end date.
    Subscription,
}

/// The settings, checked.
#[derive(Clone)]
pub struct Settings {
    /// Without a trailing slash; the API's paths are appended to it.
    pub base_url: Url,
    /// What the page loads to draw the checkout. Nexi's hosted page lives on the same host.
    pub checkout_script: Url,
    pub secret_key: SecretString,
    /// Public: every payer's browser gets it.
    pub checkout_key: String,
    pub agreement: AgreementKind,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url.as_str())
            .field("checkout_script", &self.checkout_script.as_str())
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
            checkout_script: own_url(
                "checkout_script",
                &required(&mut fields, "checkout_script")?,
            )?,
            secret_key: visible("secret_key", required(&mut fields, "secret_key")?)?.into(),
            checkout_key: visible("checkout_key", required(&mut fields, "checkout_key")?)?,
            agreement: match optional(&mut fields, "agreement")?.as_deref() {
                None | Some("unscheduled") => AgreementKind::Unscheduled,
                Some("subscription") => AgreementKind::Subscription,
                Some(_) => return problem("agreement must be unscheduled or subscription"),
            },
        };
        match fields.keys().next() {
            Some(name) => problem(&format!("Nexi accounts have no field {name}")),
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
    let mut url = own_url("base_url", text)?;
    if url.query().is_some() {
        return problem("base_url must have no query");
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn own_url(name: &str, text: &str) -> Result<Url, AccountProblem> {
    let Ok(url) = Url::parse(text) else {
        return problem(&format!("{name} is not a URL"));
    };
    if !is_safe(&url) {
        return problem(&format!(
            "{name} must begin with https, unless its host is this machine"
        ));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return problem(&format!("{name} must have no user and no fragment"));
    }
    Ok(url)
}

/// Whether what travels there is encrypted, or never leaves this machine.
pub fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)
}

pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Nexi's keys have no fixed form; anything else could not be sent in a header.
fn visible(name: &str, text: String) -> Result<String, AccountProblem> {
    if (1..=512).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic()) {
        Ok(text)
    } else {
        problem(&format!(
            "{name} must be 1 to 512 visible characters without spaces"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SECRET: &str = "secret-key-that-nobody-may-see";

    fn read(change: &Value) -> Result<Settings, AccountProblem> {
        let mut fields = json!({
            "base_url": "https://test.api.dibspayment.eu/",
            "checkout_script": "https://test.checkout.dibspayment.eu/v1/checkout.js?v=1",
            "secret_key": SECRET,
            "checkout_key": "test-checkout-key-0123",
        });
        for (name, value) in change.as_object().unwrap() {
            fields[name] = value.clone();
        }
        Settings::read(&AccountSettings::from_json(fields.to_string()))
    }

    #[test]
    fn an_account_stores_cards_unless_it_says_otherwise() {
        let kind = |change| read(&change).unwrap().agreement;
        assert_eq!(kind(json!({})), AgreementKind::Unscheduled);
        assert_eq!(
            kind(json!({ "agreement": "subscription" })),
            AgreementKind::Subscription
        );
    }

    #[test]
    fn every_broken_field_is_named_and_no_value_is_shown() {
        let cases = [
            ("base_url", json!("http://test.api.dibspayment.eu")),
            ("base_url", json!("ftp://localhost")),
            ("base_url", json!("https://user:pw@api.dibspayment.eu")),
            ("base_url", json!("https://api.dibspayment.eu/?x=1")),
            ("base_url", json!("sekret-value")),
            ("base_url", json!(null)),
            ("checkout_script", json!("http://checkout.dibspayment.eu/x")),
            ("checkout_script", json!("https://a.example/#sekret")),
            ("checkout_script", json!(null)),
            ("secret_key", json!("sekret-value\r\nX: y")),
            ("secret_key", json!("")),
            ("secret_key", json!(7)),
            ("checkout_key", json!(["sekret-value"])),
            ("checkout_key", json!("sekret value")),
            ("agreement", json!("sekret-value")),
            ("colour", json!("sekret-value")),
        ];
        for (name, value) in cases {
            let complaint = read(&json!({ name: value })).unwrap_err().to_string();
            assert!(complaint.contains(name), "{name}: {complaint}");
            assert!(!complaint.contains("sekret"), "{complaint}");
            assert!(!complaint.contains(SECRET), "{complaint}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for name in ["base_url", "checkout_script"] {
            for host in ["localhost:8080", "127.0.0.1", "[::1]:9"] {
                assert!(read(&json!({ name: format!("http://{host}/x") })).is_ok());
            }
            for host in ["localhost.example", "10.0.0.1", "127.0.0.1.example"] {
                assert!(read(&json!({ name: format!("http://{host}/x") })).is_err());
            }
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", read(&json!({})).unwrap());
        assert!(!shown.contains(SECRET), "{shown}");
        assert!(!shown.contains("test-checkout-key"), "{shown}");
    }
}

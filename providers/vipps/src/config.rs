//! A client's Vipps MobilePay account: the settings of one sales unit, and what makes them usable.
//!
//! Read by hand rather than derived, so that every complaint names its field and never a value.

use std::fmt;

use mcpay_port::{AccountProblem, AccountSettings};
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::{Host, Url};

/// The settings, checked.
#[derive(Clone)]
pub struct Settings {
    /// Without a trailing slash; the API's paths are appended to it.
    pub base_url: Url,
    pub client_id: String,
    pub client_secret: SecretString,
    pub subscription_key: SecretString,
    pub merchant_serial_number: String,
    /// Whether the sales unit may charge without a due date.
    pub unscheduled: bool,
    /// Whether Userinfo is asked with the subscription key. Most keys are refused there: it belongs
    /// to another product.
    pub userinfo_subscription_key: bool,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url.as_str())
            .field("merchant_serial_number", &self.merchant_serial_number)
            .field("unscheduled", &self.unscheduled)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// # Errors
    /// A sentence that names the field at fault.
    pub fn read(settings: &AccountSettings) -> Result<Self, AccountProblem> {
        let mut fields: Map<String, Value> = settings.read()?;
        let checked = Self {
            base_url: base_url(&text(&mut fields, "base_url")?)?,
            client_id: visible(&mut fields, "client_id")?,
            client_secret: visible(&mut fields, "client_secret")?.into(),
            subscription_key: visible(&mut fields, "subscription_key")?.into(),
            merchant_serial_number: serial_number(text(&mut fields, "merchant_serial_number")?)?,
            unscheduled: switch(&mut fields, "unscheduled")?,
            userinfo_subscription_key: switch(&mut fields, "userinfo_subscription_key")?,
        };
        match fields.keys().next() {
            Some(name) => problem(&format!("Vipps accounts have no field {name}")),
            None => Ok(checked),
        }
    }
}

fn problem<T>(sentence: &str) -> Result<T, AccountProblem> {
    Err(AccountProblem(sentence.to_owned()))
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<String, AccountProblem> {
    match fields.remove(name) {
        None | Some(Value::Null) => problem(&format!("{name} is missing")),
        Some(Value::String(text)) => Ok(text),
        Some(_) => problem(&format!("{name} must be a text")),
    }
}

/// Anything else could not be sent in a header.
fn visible(fields: &mut Map<String, Value>, name: &str) -> Result<String, AccountProblem> {
    let text = text(fields, name)?;
    if (1..=1024).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic()) {
        Ok(text)
    } else {
        problem(&format!("{name} must be visible characters without spaces"))
    }
}

fn switch(fields: &mut Map<String, Value>, name: &str) -> Result<bool, AccountProblem> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(on)) => Ok(on),
        Some(_) => problem(&format!("{name} must be true or false")),
    }
}

/// Four to six digits so far; the provider's own pages already allow ten.
fn serial_number(text: String) -> Result<String, AccountProblem> {
    if (4..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text)
    } else {
        problem("merchant_serial_number must be 4 to 10 digits")
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SECRET: &str = "secret-that-nobody-may-see";
    const KEY: &str = "key-that-nobody-may-see";

    fn read(change: &Value) -> Result<Settings, AccountProblem> {
        let mut fields = json!({
            "base_url": "https://apitest.vipps.no/",
            "client_id": "fb492b5e-0000-4000-8000-c7fb60ca35de",
            "client_secret": SECRET,
            "subscription_key": KEY,
            "merchant_serial_number": "123456",
        });
        for (name, value) in change.as_object().unwrap() {
            fields[name] = value.clone();
        }
        Settings::read(&AccountSettings::from_json(fields.to_string()))
    }

    #[test]
    fn what_is_not_said_is_off() {
        let settings = read(&json!({})).unwrap();
        assert!(!settings.unscheduled);
        assert!(!settings.userinfo_subscription_key);
        let both = json!({ "unscheduled": true, "userinfo_subscription_key": true });
        let settings = read(&both).unwrap();
        assert!(settings.unscheduled && settings.userinfo_subscription_key);
    }

    #[test]
    fn every_broken_field_is_named_and_no_value_is_shown() {
        let cases = [
            ("base_url", json!("http://api.vipps.no")),
            ("base_url", json!("ftp://localhost")),
            ("base_url", json!("https://user:pw@api.vipps.no")),
            ("base_url", json!("https://api.vipps.no/?x=1")),
            ("base_url", json!(null)),
            ("client_id", json!("")),
            ("client_id", json!(["sekret-value"])),
            ("client_secret", json!("sekret-value\r\nX: y")),
            ("client_secret", json!("sekret value")),
            ("client_secret", json!(null)),
            ("subscription_key", json!(7)),
            ("subscription_key", json!("sekret-vålue")),
            ("merchant_serial_number", json!("sekret")),
            ("merchant_serial_number", json!("123")),
            ("merchant_serial_number", json!(123_456)),
            ("unscheduled", json!("sekret-value")),
            ("userinfo_subscription_key", json!(1)),
            ("colour", json!("sekret-value")),
        ];
        for (name, value) in cases {
            let complaint = read(&json!({ name: value })).unwrap_err().to_string();
            assert!(complaint.contains(name), "{name}: {complaint}");
            for secret in ["sekret", SECRET, KEY] {
                assert!(!complaint.contains(secret), "{complaint}");
            }
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
        for secret in [SECRET, KEY, "fb492b5e"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

//! The form and the credentials of a token request (RFC 6749, 2.3.1).

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;

use super::{INVALID_CLIENT, Refusal};
use crate::access::Credentials;

/// What the form may say; other fields are ignored, as RFC 6749, 3.2 wants it.
#[derive(Default)]
pub struct Form {
    pub grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
}

/// What the client has shown, in each way that it can be read.
pub struct Presented {
    pub readings: Vec<Credentials>,
}

impl Form {
    /// A field without a value counts as left out; one that is there twice is refused.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let mut form = Self::default();
        let mut scope = None;
        for (name, value) in form_urlencoded::parse(body) {
            let value = value.into_owned();
            let was = match name.as_ref() {
                _ if value.is_empty() => continue,
                "grant_type" => form.grant_type.replace(value).is_some(),
                "client_id" => form.client_id.replace(value).is_some(),
                "client_secret" => form.client_secret.replace(value.into()).is_some(),
                "scope" => scope.replace(()).is_some(),
                _ => continue,
            };
            if was {
                return Err(Refusal::request("A field stands in the form twice."));
            }
        }
        Ok(form)
    }
}

pub fn read_credentials(request: &HttpRequest, form: Form) -> Result<Presented, Refusal> {
    let mut query = form_urlencoded::parse(request.query_string().as_bytes());
    if query.any(|(name, _)| name == "client_id" || name == "client_secret") {
        return Err(Refusal::request(
            "Credentials in the query end up in logs. Send them by HTTP Basic or in the form, and \
             take this secret for known to others.",
        ));
    }
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let header = headers.next();
    if headers.next().is_some() {
        return Err(Refusal::request(
            "There is more than one Authorization header.",
        ));
    }
    let Some(header) = header else {
        return from_form(form);
    };
    if form.client_secret.is_some() {
        return Err(Refusal::request(
            "There are credentials in the header and in the form. Send them in one place.",
        ));
    }
    let readings = header.to_str().ok().and_then(from_basic);
    let readings = readings.ok_or(INVALID_CLIENT)?;
    let is_other = |client_id: &String| readings.iter().all(|one| one.client_code != *client_id);
    if form.client_id.as_ref().is_some_and(is_other) {
        return Err(Refusal::request(
            "client_id is another one than in the Authorization header.",
        ));
    }
    Ok(Presented { readings })
}

fn from_form(form: Form) -> Result<Presented, Refusal> {
    let (Some(client_code), Some(secret)) = (form.client_id, form.client_secret) else {
        return Err(INVALID_CLIENT);
    };
    let readings = vec![Credentials {
        client_code,
        secret,
    }];
    Ok(Presented { readings })
}

/// User and password, form-encoded as RFC 6749 wants it, or plain as many clients send them.
fn from_basic(header: &str) -> Option<Vec<Credentials>> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim_matches(' ')).ok()?;
    let decoded = SecretString::from(String::from_utf8(decoded).ok()?);
    let (user, password) = decoded.expose_secret().split_once(':')?;
    let plain = Credentials {
        client_code: user.to_owned(),
        secret: password.to_owned().into(),
    };
    let decoded = Credentials {
        client_code: form_decoded(user),
        secret: form_decoded(password).into(),
    };
    let is_same = plain.client_code == decoded.client_code
        && plain.secret.expose_secret() == decoded.secret.expose_secret();
    Some(if is_same {
        vec![plain]
    } else {
        vec![decoded, plain]
    })
}

/// A text as a form would carry it. It is put where neither `=` nor `&` can split it.
fn form_decoded(text: &str) -> String {
    let escaped = text.replace('&', "%26");
    let whole = format!("v={escaped}");
    let mut pairs = form_urlencoded::parse(whole.as_bytes());
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

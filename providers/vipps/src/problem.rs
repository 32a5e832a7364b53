//! What went wrong at the provider, sorted by the port's only question: may it have happened?
//!
//! Pure. Told by the HTTP status and the provider's code, never by its texts: `detail` quotes
//! references and phone numbers, and none of it leaves this module. Three parties answer with
//! errors of their own shape: the two APIs (RFC 7807), the gateway before them, and the token
//! endpoint (OAuth).

use std::time::Duration;

use mcpay_port::{Failure, FailureKind, ProviderError};
use serde_json::Value;

/// Whether the call could have changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A GET, or the fetch of a token: whatever goes wrong, nothing happened.
    None,
    Possible,
}

/// The outcome is open, unless the call could not have changed anything.
pub fn open(effect: Effect, failure: Failure) -> ProviderError {
    match effect {
        Effect::None => ProviderError::DidNotHappen(failure),
        Effect::Possible => ProviderError::MayHaveHappened(failure),
    }
}

/// What an error body says, as far as it may be repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    pub code: Option<String>,
    pub title: Option<String>,
}

/// An answer whose status is not 2xx.
pub fn answered(
    effect: Effect,
    status: u16,
    problem: Problem,
    retry_after: Option<Duration>,
) -> ProviderError {
    let code = problem.code.as_deref();
    let (kind, refused) = verdict(status, code, retry_after);
    let failure = Failure {
        kind,
        status: Some(status),
        // Its text is about a person's account, whatever the cause (code 7010).
        title: problem.title.filter(|_| code != Some(CUSTOMER_NOT_FOUND)),
        code: problem.code,
    };
    if refused {
        ProviderError::DidNotHappen(failure)
    } else {
        open(effect, failure)
    }
}

const CUSTOMER_NOT_FOUND: &str = "7010";

/// What it was, and whether it proves that nothing happened.
fn verdict(status: u16, code: Option<&str>, retry_after: Option<Duration>) -> (FailureKind, bool) {
    let busy = FailureKind::RateLimited { retry_after };
    match (status, code) {
        // A server or gateway that gave up waiting says nothing about what it passed on.
        (408, _) => (FailureKind::Timeout, false),
        // The provider's own failure, whatever status it comes with.
        (400..=599, Some("3010")) | (500..=599, _) => (FailureKind::ProviderBroken, false),
        (401, _) => (FailureKind::Unauthorized, true),
        // Too often, locked by another operation, or not now: the same key later.
        (423 | 429, _) | (400..=499, Some("6160" | "6280")) => (busy, true),
        // Something did happen under this key or reference; only an inquiry can tell what.
        (409, _) | (400..=499, Some("4010" | "4020" | "4150")) => (FailureKind::Refused, false),
        (404, _) | (400..=499, Some("5090" | "invalid-agreement-id")) => {
            (FailureKind::NotFound, true)
        }
        (400..=499, Some(code)) if is_about_the_account(code) => (FailureKind::Misconfigured, true),
        // A product that the sales unit does not have.
        (403, _) => (FailureKind::Misconfigured, true),
        (400..=499, _) => (FailureKind::Refused, true),
        _ => (FailureKind::BadAnswer, false),
    }
}

/// What the sales unit may not do, so that no other request would be better.
fn is_about_the_account(code: &str) -> bool {
    matches!(
        code,
        "5010"
            | "5020"
            | "5030"
            | "5040"
            | "5050"
            | "5060"
            | "5080"
            | "unsupported-feature"
            | "invalid-sale-unit"
    )
}

impl Problem {
    /// Reads any of the shapes; what is none of them has neither code nor title.
    pub fn read(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let text = |path: &str| body.pointer(path).and_then(Value::as_str);
        let code = find_numeric_code(&body)
            .or_else(|| fragment(text("/type")?))
            .or_else(|| word(text("/error")?));
        let titles = [
            "/title",
            "/message",
            "/result/message",
            "/responseInfo/responseMessage",
            "/ResponseInfo/ResponseMessage",
        ];
        let title = titles.iter().find_map(|path| fit_to_show(text(path)?));
        Self { code, title }
    }
}

/// ePayment: `{"name": "ErrorCode", "reason": "6080"}` among the details.
fn find_numeric_code(body: &Value) -> Option<String> {
    let details = body.get("extraDetails")?.as_array()?.iter();
    details
        .filter(|detail| detail.get("name").and_then(Value::as_str) == Some("ErrorCode"))
        .find_map(|detail| {
            let code = match detail.get("reason")? {
                Value::String(code) => code.clone(),
                Value::Number(code) => code.to_string(),
                _ => return None,
            };
            let sound = (1..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
            sound.then_some(code)
        })
}

/// Recurring: the problem's name is the fragment of its type.
fn fragment(kind: &str) -> Option<String> {
    word(kind.rsplit_once('#')?.1)
}

/// A name, not a sentence and not an identifier.
fn word(text: &str) -> Option<String> {
    let sound = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte));
    sound.then(|| text.to_owned())
}

/// The title, unless it looks as if it names a person, a number or a place.
fn fit_to_show(title: &str) -> Option<String> {
    let title = title.trim();
    let digits = title.chars().filter(char::is_ascii_digit).count();
    let fine = (1..=120).contains(&title.len())
        && digits <= 3
        && !title.contains(['@', '/', '\\'])
        && !title.chars().any(char::is_control);
    fine.then(|| title.to_owned())
}

/// Whether the provider said no to a question, so that asking again would tell no more.
pub fn is_no(error: &ProviderError) -> bool {
    matches!(
        error.failure().kind,
        FailureKind::Refused
            | FailureKind::NotFound
            | FailureKind::Unauthorized
            | FailureKind::Misconfigured
    )
}

/// What could not be looked up may have happened before, whatever was said of it now.
pub fn in_doubt(error: ProviderError) -> ProviderError {
    let (ProviderError::DidNotHappen(failure) | ProviderError::MayHaveHappened(failure)) = error;
    ProviderError::MayHaveHappened(failure)
}

/// A refusal that the adapter makes itself.
pub fn refused(code: &str, title: &str) -> ProviderError {
    ProviderError::DidNotHappen(Failure {
        kind: FailureKind::Refused,
        status: None,
        code: Some(code.to_owned()),
        title: Some(title.to_owned()),
    })
}

/// Something that the provider cannot do.
pub fn unsupported(title: &str) -> ProviderError {
    ProviderError::DidNotHappen(Failure::new(FailureKind::Unsupported).titled(title))
}

pub fn not_found() -> ProviderError {
    ProviderError::DidNotHappen(Failure::new(FailureKind::NotFound))
}

#[cfg(test)]
#[path = "problem_test.rs"]
mod tests;

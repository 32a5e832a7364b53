//! Who calls, and in which version of the API: the two things that every call is asked for first.

use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use subtle::ConstantTimeEq;

use super::order::Order;
use super::problems::Problem;
use super::state::State;

/// The accounts that an access token is good for.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) payees: Vec<String>,
}

impl Access {
    pub(crate) fn owns(&self, payee_id: &str) -> bool {
        self.payees.iter().any(|payee| payee == payee_id)
    }

    /// # Errors
    /// Not found, when the order is another account's.
    pub(crate) fn check_owner(&self, order: &Order) -> Result<(), Problem> {
        if self.owns(&order.payee_id) {
            Ok(())
        } else {
            Err(Problem::not_found("The payment order"))
        }
    }
}

/// Reads the bearer token.
///
/// # Errors
/// 401, when it is missing or nobody's.
pub(crate) fn authorize(state: &State, headers: &HeaderMap) -> Result<Access, Problem> {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(Problem::unauthorized)?;
    let payees: Vec<String> = state
        .payees
        .iter()
        .filter(|(_, known)| bool::from(known.as_bytes().ct_eq(token.as_bytes())))
        .map(|(payee, _)| payee.clone())
        .collect();
    if payees.is_empty() {
        Err(Problem::unauthorized())
    } else {
        Ok(Access { payees })
    }
}

/// Asks for `version=3.1`: in `Content-Type` where there is a body, else in `Accept` or
/// `Content-Type`. Without it the real API answers in an older model, which is always a mistake of
/// the caller, so the sandbox says so at once.
///
/// # Errors
/// 400, which names the header.
pub(crate) fn check_version(headers: &HeaderMap, has_body: bool) -> Result<(), Problem> {
    let content_type = media_type(headers, CONTENT_TYPE.as_str());
    if has_body {
        let Some(content_type) = content_type else {
            return Err(version_problem("Content-Type"));
        };
        if !content_type
            .to_ascii_lowercase()
            .starts_with("application/json")
        {
            return Err(Problem::field(
                "Content-Type",
                "Send the body as `application/json;version=3.1`.",
            ));
        }
        return if has_version(content_type) {
            Ok(())
        } else {
            Err(version_problem("Content-Type"))
        };
    }
    let accepted = media_type(headers, ACCEPT.as_str());
    if [accepted, content_type]
        .into_iter()
        .flatten()
        .any(has_version)
    {
        Ok(())
    } else {
        Err(version_problem("Accept"))
    }
}

fn media_type<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn has_version(value: &str) -> bool {
    value.split([';', ',']).any(|part| {
        part.split_once('=').is_some_and(|(name, version)| {
            name.trim().eq_ignore_ascii_case("version") && version.trim().trim_matches('"') == "3.1"
        })
    })
}

fn version_problem(header: &str) -> Problem {
    Problem::field(
        header,
        format!(
            "This sandbox speaks version 3.1 only, and {header} does not ask for it. Send \
             `application/json;version=3.1`; without the version the real API answers in another, \
             older model."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_wherever_it_stands_in_the_header() {
        assert!(has_version("application/json;version=3.1"));
        assert!(has_version(
            "application/json; charset=utf-8; Version=\"3.1\""
        ));
        assert!(has_version(
            "application/json;version=3.1, application/problem+json"
        ));
        assert!(!has_version("application/json"));
        assert!(!has_version("application/json;version=3.0"));
        assert!(!has_version("application/json;version=3.10"));
    }
}

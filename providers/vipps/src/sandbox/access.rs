//! Who calls: the headers that every call is asked for first.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq;

use super::SandboxAccount;
use super::problem::{Family, Problem};
use super::state::{State, locked};

pub(crate) const KEY_HEADER: &str = "Ocp-Apim-Subscription-Key";
pub(crate) const UNIT_HEADER: &str = "Merchant-Serial-Number";
/// The four that name the merchant's system are recommended, and bounded when sent.
const SYSTEM_HEADERS: [&str; 4] = [
    "Vipps-System-Name",
    "Vipps-System-Version",
    "Vipps-System-Plugin-Name",
    "Vipps-System-Plugin-Version",
];

pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

pub(crate) fn same(one: &str, other: &str) -> bool {
    bool::from(one.as_bytes().ct_eq(other.as_bytes()))
}

/// The sales unit that calls.
///
/// # Errors
/// 401 of the gateway for the keys, 400 or 403 of the API for the rest.
pub(crate) fn authorize(
    state: &State,
    family: Family,
    headers: &HeaderMap,
    now: DateTime<Utc>,
) -> Result<SandboxAccount, Problem> {
    let is_open = !locked(&state.rules).refuses_access;
    let account = bearer(headers)
        .and_then(|token| state.find_token_owner(token, now))
        .filter(|_| is_open)
        .ok_or_else(|| Problem::bad_token(family));
    // Userinfo is another product, which has no subscription key.
    if family != Family::Userinfo {
        let known = |account: &SandboxAccount, key: &str| same(&account.subscription_key, key);
        check_key(state, headers)?;
        let account = account.as_ref().map_err(Clone::clone)?;
        if !find(headers, KEY_HEADER).is_some_and(|key| known(account, key)) {
            return Err(invalid_key());
        }
    }
    let account = account?;
    check_unit(&account, family, headers)?;
    for name in SYSTEM_HEADERS {
        if find(headers, name).is_some_and(|value| value.chars().count() > 30) {
            return Err(Problem::header(
                family,
                name,
                "must be at most 30 characters long",
            ));
        }
    }
    Ok(account)
}

/// The gateway looks at the subscription key before anything else.
///
/// # Errors
/// Its 401.
pub(crate) fn check_key(state: &State, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(key) = find(headers, KEY_HEADER) else {
        return Err(Problem::gateway(
            401,
            "Access denied due to missing subscription key. Make sure to include subscription key \
             when making requests to an API.",
        ));
    };
    let mut accounts = state.accounts.iter();
    if accounts.any(|account| same(&account.subscription_key, key)) {
        Ok(())
    } else {
        Err(invalid_key())
    }
}

fn invalid_key() -> Problem {
    Problem::gateway(
        401,
        "Access denied due to invalid subscription key. Make sure to provide a valid key for an \
         active subscription.",
    )
}

fn check_unit(
    account: &SandboxAccount,
    family: Family,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    match find(headers, UNIT_HEADER) {
        Some(unit) if unit == account.merchant_serial_number => Ok(()),
        Some(_) => Err(Problem::foreign_unit(family)),
        None => Err(Problem::header(family, UNIT_HEADER, "is required")),
    }
}

/// The word before the token is written with a capital B, or it is no token.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
}

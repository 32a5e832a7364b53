//! Amounts that the test environment declines, and how (the provider's list of test data).

use serde_json::json;

use super::problems::{Entry, Problem};
use super::tokens::Stored;

/// `(amount, status, type, code and text)`.
const DECLINED: [(i64, u16, &str, &str); 10] = [
    (
        900_313,
        403,
        "creditcard/acquirerinvalidamount",
        "REJECTED_BY_ACQUIRER_INVALID_AMOUNT-invalid amount, response-code: 13",
    ),
    (
        900_330,
        403,
        "creditcard/acquirererror",
        "REJECTED_BY_ACQUIRER_FORMAT_ERROR-format error, response-code: 30",
    ),
    (
        900_334,
        403,
        "creditcard/acquirerpossiblefraud",
        "REJECTED_BY_ACQUIRER_POSSIBLE_FRAUD-possible fraud, response-code: 34",
    ),
    (
        900_359,
        403,
        "creditcard/acquirerpossiblefraud",
        "REJECTED_BY_ACQUIRER_POSSIBLE_FRAUD-possible fraud, response-code: 59",
    ),
    (
        900_343,
        403,
        "creditcard/acquirercardstolen",
        "REJECTED_BY_ACQUIRER_CARD_STOLEN-card stolen, response-code: 43",
    ),
    (
        900_354,
        403,
        "creditcard/acquirercardexpired",
        "REJECTED_BY_ACQUIRER_CARD_EXPIRED-card expired, response-code: 54",
    ),
    (
        900_351,
        403,
        "creditcard/acquirererror",
        "REJECTED_BY_ACQUIRER-unknown error, response-code: 51",
    ),
    (
        900_362,
        403,
        "creditcard/acquirererror",
        "REJECTED_BY_ACQUIRER-unknown error, response-code: 62",
    ),
    (
        900_361,
        403,
        "creditcard/acquirerinsufficientfunds",
        "REJECTED_BY_ACQUIRER_INSUFFICIENT_FUNDS-insufficient funds, response-code: 61",
    ),
    (
        900_391,
        502,
        "creditcard/acquirergatewayerror",
        "ACQUIRER_HOST_OFFLINE-acquirer host offline, response-code: 91",
    ),
];
const DO_NOT_RETRY: i64 = 952_400;
const NEEDS_PAYER: i64 = 952_507;
const LIMITED: i64 = 952_100;
/// With this many tries left, a refusal warns.
const WARN_AT: u32 = 5;

/// The decline of an attempt by the payer, or `None` when the amount is authorised.
pub(crate) fn of_attempt(amount: i64) -> Option<Problem> {
    of_amount(amount, "Authorization")
}

/// Any other decline, for a payer who is told to be declined.
pub(crate) fn declined() -> Problem {
    Problem::declined(
        403,
        "creditcard/carddeclined",
        "Authorization",
        "REJECTED_BY_ACQUIRER-card declined, response-code: 05",
    )
}

/// The payer stopped at 3-D Secure.
pub(crate) fn cancelled_by_payer() -> Problem {
    Problem::declined(
        403,
        "creditcard/3dsecureusercanceled",
        "VerifyAuthentication",
        "UserCancelled-CANCELED",
    )
}

fn of_amount(amount: i64, during: &str) -> Option<Problem> {
    let (_, status, kind, answer) = DECLINED.iter().find(|(magic, ..)| *magic == amount)?;
    Some(Problem::declined(*status, kind, during, answer))
}

/// The decline of a charge without the payer, or `None` when it is authorised. Failures are
/// counted: after the card scheme's limit everything is refused until the window has passed, which
/// in a sandbox means for good.
pub(crate) fn of_charge(amount: i64, stored: &mut Stored) -> Option<Problem> {
    let visa = stored.card.brand == "Visa";
    let limit: u32 = if visa { 15 } else { 10 };
    if stored.blocked {
        return Some(do_not_retry());
    }
    if stored.failures >= limit {
        return Some(limit_exceeded(visa, limit));
    }
    let mut problem = match amount {
        DO_NOT_RETRY => {
            stored.blocked = true;
            do_not_retry()
        }
        NEEDS_PAYER => needs_payer(),
        LIMITED => Problem::declined(
            403,
            "creditcard/acquirererror",
            "Recurrence",
            "REJECTED_BY_ACQUIRER-unknown error, response-code: 51",
        ),
        _ => of_amount(amount, "Recurrence")?,
    };
    stored.failures += 1;
    let remaining = limit - stored.failures;
    if remaining <= WARN_AT && problem.hint.is_none() {
        problem.hint = Some(Box::new((
            "suspension",
            json!({
                "attempts": stored.failures,
                "remaining": remaining,
                "product": stored.card.brand.to_ascii_uppercase(),
                "state": "WARNING",
            }),
        )));
    }
    Some(problem)
}

fn do_not_retry() -> Problem {
    Problem {
        status: 403,
        kind: "creditcard/acquirererrordonotretry",
        title: "Do not retry.",
        detail: "The attempt is rejected.".to_owned(),
        entries: vec![
            Entry::new("ExternalResponse", "Forbidden-AcquirerErrorDoNotRetry"),
            Entry::new(
                "REJECTED_BY_ACQUIRER_DO_NOT_RETRY",
                "do not retry, response-code: 05",
            ),
        ],
        hint: None,
    }
}

fn needs_payer() -> Problem {
    Problem {
        status: 403,
        kind: "creditcard/authenticationrequired",
        title: "AUTHENTICATION_REQUIRED",
        detail: "The issuer wants the payer to authenticate with 3-D Secure.".to_owned(),
        entries: vec![Entry::new(
            "AUTHENTICATION_REQUIRED",
            "Acquirer soft-decline, 3-D Secure authentication required, response-code: O5",
        )],
        hint: Some(Box::new((
            "modification",
            json!({
                "required": "YES",
                "reason": "AUTHENTICATION_REQUIRED",
                "acquirerCode": "O5",
                "acquirerDetail": "AUTHENTICATION_REQUIRED",
            }),
        ))),
    }
}

fn limit_exceeded(monthly: bool, limit: u32) -> Problem {
    let (kind, title, name, window) = if monthly {
        (
            "creditcard/monthlylimitexceeded",
            "Monthly attempt limit is exceeded.",
            "REJECTED_BY_POSPAY_MONTHLY_LIMIT",
            "30 day",
        )
    } else {
        (
            "creditcard/dailylimitexceeded",
            "Daily attempt limit is exceeded.",
            "REJECTED_BY_POSPAY_DAILY_LIMIT",
            "24 hour",
        )
    };
    Problem {
        status: 403,
        kind,
        title,
        detail: "The attempt is rejected after trying multiple times with same token.".to_owned(),
        entries: vec![Entry::new(
            name,
            format!(
                "Suspended after exceeding the rolling {window} constraint of {limit} attempts."
            ),
        )],
        hint: None,
    }
}

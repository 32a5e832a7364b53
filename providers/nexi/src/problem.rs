//! What went wrong at Nexi, sorted by the port's only question: may it have happened?
//!
//! Pure. A status and a number decide; Nexi's messages are free text, so they are neither read
//! nor passed on. The set of numbers is open.

use std::time::Duration;

use mcpay_port::{Failure, FailureKind, ProviderError};
use serde_json::{Map, Value};

/// Numbers that say no to the card or the agreement of a charge, not to the request: the charge or
/// reservation failed, hard decline, agreement expired, invalid or not genuine.
const CARD_CODES: [&str; 6] = ["1020", "1022", "1029", "1030", "1031", "1032"];

/// Whether the call could have changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A GET: whatever goes wrong, nothing happened.
    None,
    Possible,
    /// As `Possible`, with an idempotency key: a conflict says that the first call with the key is
    /// still worked on.
    Keyed,
}

/// The body of an answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorBody {
    /// As Nexi answers 401, 404, 405 and 409.
    Empty,
    Nexis(Problem),
    /// Not JSON: something between us and Nexi answered.
    Foreign,
}

/// What of an error body may be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Nexi's number for it.
    code: Option<String>,
    /// The fields that it refused.
    fields: Vec<String>,
}

/// An open outcome, unless the call could not have changed anything.
pub fn open(effect: Effect, failure: Failure) -> ProviderError {
    match effect {
        Effect::None => ProviderError::DidNotHappen(failure),
        Effect::Possible | Effect::Keyed => ProviderError::MayHaveHappened(failure),
    }
}

/// An answer with a status that is not 2xx.
pub fn answered(
    effect: Effect,
    status: u16,
    body: &ErrorBody,
    retry_after: Option<Duration>,
) -> ProviderError {
    let is_foreign = *body == ErrorBody::Foreign;
    let (kind, refused) = match status {
        401 => (FailureKind::Unauthorized, true),
        // A server or gateway that gave up waiting says nothing about what it passed on.
        408 => (FailureKind::Timeout, false),
        429 => (FailureKind::RateLimited { retry_after }, true),
        400..=499 if is_foreign => (FailureKind::BadAnswer, false),
        404 => (FailureKind::NotFound, true),
        409 => (FailureKind::Refused, effect != Effect::Keyed),
        400..=499 => (FailureKind::Refused, true),
        500..=599 => (FailureKind::ProviderBroken, false),
        _ => (FailureKind::BadAnswer, false),
    };
    let (code, title) = match body {
        ErrorBody::Nexis(problem) => (problem.code.clone(), problem.title()),
        ErrorBody::Empty | ErrorBody::Foreign => (None, None),
    };
    let failure = Failure {
        kind,
        status: Some(status),
        code,
        title,
    };
    if refused {
        ProviderError::DidNotHappen(failure)
    } else {
        open(effect, failure)
    }
}

/// The code of a declined charge: Nexi's number, or `402` when it gave none.
pub fn find_decline(error: &ProviderError) -> Option<String> {
    let ProviderError::DidNotHappen(failure) = error else {
        return None;
    };
    let code = failure.code.as_deref();
    let is_about_the_card = failure.kind == FailureKind::Refused
        && failure.status.is_some()
        && code.is_some_and(|code| CARD_CODES.contains(&code));
    let declined = failure.status == Some(402) || is_about_the_card;
    declined.then(|| code.unwrap_or("402").to_owned())
}

impl ErrorBody {
    pub fn read(body: &[u8]) -> Self {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Self::Empty;
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(body)) => Self::Nexis(Problem::read(&body)),
            Ok(_) => Self::Nexis(Problem::default()),
            Err(_) => Self::Foreign,
        }
    }
}

impl Problem {
    /// Reads `{message, code, source}`, or messages by field, with or without `errors` around them.
    fn read(body: &Map<String, Value>) -> Self {
        let code = match body.get("code") {
            Some(Value::String(code)) => Some(code.clone()),
            Some(Value::Number(code)) => Some(code.to_string()),
            _ => None,
        };
        let is_number = |code: &String| {
            (1..=6).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
        };
        let by_field = match body.get("errors") {
            Some(Value::Object(errors)) => errors,
            _ => body,
        };
        let fields = by_field
            .iter()
            .filter(|(name, messages)| messages.is_array() && is_field_name(name))
            .map(|(name, _)| name.clone());
        Self {
            code: code.filter(is_number),
            fields: fields.take(4).collect(),
        }
    }

    fn title(&self) -> Option<String> {
        if !self.fields.is_empty() {
            return Some(format!("Nexi refused {}", self.fields.join(", ")));
        }
        find_name(self.code.as_deref()?).map(str::to_owned)
    }
}

/// A dotted path such as `order.items[0].name`, and nothing that could be a value.
fn is_field_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".[]_".contains(&byte);
    (1..=64).contains(&name.len()) && digits <= 3 && name.bytes().all(is_plain)
}

/// The names that Nexi's own client library has for the numbers (`PaymentApi` error codes).
fn find_name(code: &str) -> Option<&'static str> {
    const FIRST: usize = 1000;
    const NAMES: [&str; 33] = [
        "Unknown",
        "OverCharge",
        "ZeroCharge",
        "NotReserved",
        "AlreadyReserved",
        "AmountDiffersFromOrderItems",
        "ConsumerNotAddedToPayment",
        "PartialCancelNotAllowed",
        "AlreadyCharged",
        "InvalidRefundAmount",
        "ReservationExpired",
        "ChargeNotFound",
        "RefundCancelled",
        "RefundExpired",
        "RefundFailed",
        "OrderItemsMissing",
        "OrderReferenceWasPreviouslySet",
        "ChangingCheckoutDomainNotAllowed",
        "PaymentMissingOrderReference",
        "AlreadyCancelled",
        "PaymentMethodChargeFailed",
        "ShippingCostHasNotBeenSpecified",
        "PaymentReserveMethodFailed",
        "PaymentAlreadyRefunded",
        "PartialChargeNotAllowed",
        "RefundCancelFailed",
        "ChargeTriedWithDifferentAmount",
        "RefundTriedWithDifferentAmount",
        "UpdateOrderAtAfterPayFailed",
        "HardDecline",
        "ExpiredSubscription",
        "InvalidSubscription",
        "NotGenuineSubscriptionTraceId",
    ];
    let index = code.parse::<usize>().ok()?.checked_sub(FIRST)?;
    NAMES.get(index).copied()
}

/// A refusal that the adapter makes itself, before anything is sent.
pub fn refused(code: &str, title: &str) -> ProviderError {
    ProviderError::DidNotHappen(refusal(code, title))
}

pub fn refusal(code: &str, title: &str) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        status: None,
        code: Some(code.to_owned()),
        title: Some(title.to_owned()),
    }
}

/// Something that Nexi cannot do.
pub fn unsupported(title: &str) -> ProviderError {
    ProviderError::DidNotHappen(Failure::new(FailureKind::Unsupported).titled(title))
}

#[cfg(test)]
mod tests;

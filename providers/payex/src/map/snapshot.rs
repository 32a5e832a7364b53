//! A payment order as read -> the provider's truth in our words.

use mcpay_port::{
    AgreementToken, Attempt, Currency, EndReason, Failure, FailureKind, Money, ProviderRef,
    Snapshot, Standing,
};

use crate::config::{AgreementKind, Settings};
use crate::map::amounts::{Amounts, amounts};
use crate::wire::answer::{Order, Token};

/// What an inquiry needs to see. `payeeinfo` holds our reference also before anything is paid, so
/// that an id that came in a callback can be checked before it is adopted (CONTRACT 8.11).
pub const EXPAND: &str = "paid,financialtransactions,failed,aborted,cancelled,payeeinfo";

/// # Errors
/// A [`Failure`] when the answer is about another order, or its amount cannot be read.
pub fn snapshot(
    settings: &Settings,
    attempt: &Attempt,
    asked: &ProviderRef,
    order: &Order,
) -> Result<Snapshot, Failure> {
    let bad = |title: &str| Failure::new(FailureKind::BadAnswer).titled(title);
    if !order.id.eq_ignore_ascii_case(asked.as_str()) {
        return Err(bad("the answer is about another order"));
    }
    let currency = match order.currency.as_deref() {
        None => attempt.amount.currency(),
        Some(code) => Currency::from_code(code).ok_or_else(|| bad("the currency is unknown"))?,
    };
    let total = match order.amount {
        Some(minor) => minor,
        None if order.is_verify() => 0,
        None => return Err(bad("the order has no amount")),
    };
    let (standing, amounts) = standing(order);
    let money = |minor| Money::new(minor, currency);
    Ok(Snapshot {
        provider_ref: asked.clone(),
        reference: find_reference(order),
        order_amount: money(total),
        standing,
        authorized: money(amounts.authorized),
        captured: money(amounts.captured),
        cancelled: money(amounts.cancelled),
        refunded: money(amounts.refunded),
        refunds: Vec::new(),
        // An order keeps the tokens that it gave; that one was deleted is told when it is charged.
        agreement: find_agreement(settings.agreement, order).into(),
        profile_subject: None,
    })
}

/// A status that is not listed here is never success and never failure.
fn standing(order: &Order) -> (Standing, Amounts) {
    let nothing = Amounts::default();
    match order.status.as_str() {
        "Failed" => (Standing::Ended(EndReason::Declined), nothing),
        "Aborted" => (Standing::Ended(EndReason::Cancelled), nothing),
        status if order.is_verify() => (registration(status, order), nothing),
        // It stays so through any number of failed attempts: the payer may still succeed.
        "Initialized" => (Standing::Pending, nothing),
        status @ ("Paid" | "Cancelled" | "Reversed") => match amounts(order) {
            Ok(amounts) => (Standing::Approved, amounts),
            Err(why) => (Standing::Unknown(format!("{status}: {why}")), nothing),
        },
        other => (unknown(other), nothing),
    }
}

/// The status of a completed registration is not documented: `Paid`, or a token, means success.
fn registration(status: &str, order: &Order) -> Standing {
    if find_authorized_amount(order) != 0 {
        return Standing::Unknown(format!("{status}: a registration with an amount"));
    }
    match status {
        "Paid" => Standing::Approved,
        _ if tokens(order).next().is_some() => Standing::Approved,
        "Initialized" => Standing::Pending,
        other => unknown(other),
    }
}

fn find_authorized_amount(order: &Order) -> i64 {
    let paid = order.paid.as_ref().and_then(|paid| paid.amount);
    paid.or(order.amount).unwrap_or_default()
}

/// The provider's word goes into our logs, so it is bounded.
fn unknown(status: &str) -> Standing {
    let plain = |c: &char| c.is_ascii_alphanumeric();
    Standing::Unknown(status.chars().filter(plain).take(40).collect())
}

fn find_reference(order: &Order) -> Option<String> {
    let paid = order
        .paid
        .as_ref()
        .and_then(|paid| paid.order_reference.clone());
    paid.or_else(|| order.payee_info.as_ref()?.order_reference.clone())
}

fn tokens(order: &Order) -> impl Iterator<Item = &Token> {
    let paid = order.paid.as_ref().and_then(|paid| paid.tokens.as_ref());
    paid.into_iter()
        .flatten()
        .filter(|token| token.token.is_some())
}

/// The permission of the kind that this account charges with.
fn find_agreement(kind: AgreementKind, order: &Order) -> Option<AgreementToken> {
    let name = match kind {
        AgreementKind::Unscheduled => "unscheduled",
        AgreementKind::Recurrence => "recurrence",
    };
    let is_kind = |stated: &str| stated.eq_ignore_ascii_case(name);
    tokens(order)
        .find(|token| token.kind.as_deref().is_some_and(is_kind))
        .and_then(|token| token.token.clone())
        .map(AgreementToken)
}

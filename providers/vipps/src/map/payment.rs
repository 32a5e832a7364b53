//! An ePayment: our order -> the body of its create, and the payment as read -> the provider's
//! truth in our words.

use mcpay_port::{
    EndReason, Failure, FailureKind, Money, PaymentOrder, PaymentRef, Permission, ProviderError,
    Snapshot, Standing,
};

use crate::map::amounts::{Amounts, approved, ended, money, unknown};
use crate::map::reference::Target;
use crate::map::text::{find_msisdn, find_scope, payment_description};
use crate::problem::unsupported;
use crate::wire::answer::Payment;
use crate::wire::request::{Amount, CreatePayment, Customer, Modification, PaymentMethod};
use crate::wire::request::{CancelUnapproved, ProfileScope};

/// What cancels a payment only while the payer has not approved it.
pub const CLOSE: CancelUnapproved = CancelUnapproved {
    cancel_transaction_only: true,
};

const AUTHORIZED: &str = "AUTHORIZED";

/// The state of a payment that was cancelled before anybody approved it.
pub const TERMINATED: &str = "TERMINATED";

/// # Errors
/// `DidNotHappen(Unsupported)`, before anything is sent.
pub fn create(order: &PaymentOrder) -> Result<CreatePayment<'_>, ProviderError> {
    if !order.amount.is_positive() {
        return Err(unsupported("an ePayment needs an amount above zero"));
    }
    if order.agreement.is_some() {
        return Err(unsupported("an ePayment permits no later charges"));
    }
    let phone_number = find_msisdn(order.payer.phone_number.as_ref());
    Ok(CreatePayment {
        amount: amount(order.amount),
        payment_method: PaymentMethod { kind: "WALLET" },
        reference: order.reference.to_string(),
        user_flow: "WEB_REDIRECT",
        return_url: order.urls.complete.as_str(),
        payment_description: payment_description(&order.description),
        customer: phone_number.map(|phone_number| Customer { phone_number }),
        profile: find_scope(&order.payer.profile_scope).map(|scope| ProfileScope { scope }),
    })
}

pub fn modification(taken: Money) -> Modification {
    Modification {
        modification_amount: amount(taken),
    }
}

fn amount(money: Money) -> Amount {
    Amount {
        currency: money.currency().code(),
        value: money.minor(),
    }
}

/// # Errors
/// A [`Failure`] when the answer is about another payment, or its amount cannot be read.
pub fn snapshot(asked: PaymentRef, payment: &Payment) -> Result<Snapshot, Failure> {
    if payment.reference != asked.to_string() {
        let failure = Failure::new(FailureKind::BadAnswer);
        return Err(failure.titled("the answer is about another payment"));
    }
    let order_amount = money(&payment.amount)?;
    let (standing, amounts) = standing(payment);
    let money = |minor| Money::new(minor, order_amount.currency());
    Ok(Snapshot {
        provider_ref: Target::Payment(asked).to_ref(),
        reference: Some(payment.reference.clone()),
        order_amount,
        standing,
        authorized: money(amounts.authorized),
        captured: money(amounts.captured),
        cancelled: money(amounts.cancelled),
        refunded: money(amounts.refunded),
        refunds: Vec::new(),
        agreement: Permission::NotTold,
        profile_subject: payment
            .profile
            .as_ref()
            .and_then(|profile| profile.sub.clone()),
    })
}

/// Whether a payment says that it was approved, and not how much of it was taken.
pub fn lacks_aggregate(payment: &Payment) -> bool {
    payment.state == AUTHORIZED && payment.aggregate.is_none()
}

/// `AUTHORIZED` stays for good; the aggregate tells the rest.
fn standing(payment: &Payment) -> (Standing, Amounts) {
    match payment.state.as_str() {
        "CREATED" => (Standing::Pending, Amounts::default()),
        AUTHORIZED => {
            let aggregate = payment.aggregate.as_ref().ok_or("the aggregate is missing");
            let amounts =
                aggregate.and_then(|it| Amounts::of_payment(it, &payment.amount.currency));
            approved(AUTHORIZED, amounts)
        }
        status @ ("ABORTED" | TERMINATED) => {
            ended(status, EndReason::Cancelled, was_untouched(payment))
        }
        status @ "EXPIRED" => ended(status, EndReason::Expired, was_untouched(payment)),
        other => (unknown(other), Amounts::default()),
    }
}

/// The other final states are reached before an authorisation only. They may show a cancelled amount
/// that was never authorised, so that one is not looked at.
fn was_untouched(payment: &Payment) -> Result<(), &'static str> {
    match &payment.aggregate {
        Some(aggregate) if aggregate.authorized_amount.value != 0 => {
            Err("it is over and yet authorised")
        }
        Some(aggregate) if aggregate.captured_amount.value != 0 => {
            Err("it is over and yet captured")
        }
        Some(aggregate) if aggregate.refunded_amount.value != 0 => {
            Err("it is over and yet refunded")
        }
        _ => Ok(()),
    }
}

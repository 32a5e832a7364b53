//! What happened, in the provider's words: the bodies of the webhooks.
//!
//! The id of an event is the id of what it tells of, and reservation v1 and v2 share one; the
//! merchant is `merchantId` in the first form and `merchantNumber` in the second.

use serde_json::{Value, json};

use super::payment::{Charge, Payment, Refund, RefundState, new_id};
use super::state::State;
use super::{render, webhooks};

const MERCHANT: u32 = 100_001_000;

fn amount(payment: &Payment, amount: i64) -> Value {
    json!({ "amount": amount, "currency": payment.order.currency })
}

fn error(code: &str, message: &str) -> Value {
    json!({ "code": code, "message": message, "source": "Internal" })
}

fn tell(state: &State, payment: &mut Payment, event: &str, id: &str, mut data: Value) {
    data["paymentId"] = json!(payment.id);
    let mut body = json!({
        "id": id,
        "timestamp": render::time(state.stage.clock.now()),
        "event": event,
        "data": data,
    });
    let merchant = if is_v2(event) {
        "merchantNumber"
    } else {
        "merchantId"
    };
    body[merchant] = json!(MERCHANT);
    webhooks::send(state, payment, event, &body);
}

fn is_v2(event: &str) -> bool {
    event.rsplit('.').next() == Some("v2")
}

fn order(payment: &Payment) -> Value {
    let mut order = json!({
        "amount": amount(payment, payment.order.amount),
        "orderItems": payment.order.items,
    });
    if let Some(reference) = &payment.order.reference {
        order["reference"] = json!(reference);
    }
    order
}

fn with_reference(payment: &Payment, mut data: Value) -> Value {
    if let Some(reference) = &payment.my_reference {
        data["myReference"] = json!(reference);
    }
    data
}

pub(crate) fn created(state: &State, payment: &mut Payment) {
    let data = with_reference(payment, json!({ "order": order(payment) }));
    tell(state, payment, "payment.created", &new_id(), data);
}

/// Reserved, which completes the checkout; a registration reserves nothing.
pub(crate) fn reserved(state: &State, payment: &mut Payment) {
    let Some(used) = payment.paid.clone() else {
        return;
    };
    let id = new_id();
    let short = json!({
        "paymentMethod": used.card.brand,
        "paymentType": "CARD",
        "amount": amount(payment, payment.order.amount),
    });
    if payment.order.amount > 0 {
        let mut long = short.clone();
        long["cardDetails"] = json!({
            "creditDebitIndicator": "D",
            "expiryMonth": used.expiry[..2].parse::<u8>().unwrap_or_default(),
            "expiryYear": used.expiry[2..].parse::<u8>().unwrap_or_default(),
            "issuerCountry": "NO",
            "truncatedPan": used.card.masked(),
            "threeDSecure": {
                "authenticationEnrollmentStatus": "Y",
                "authenticationStatus": "Y",
                "eci": "05",
            },
        });
        long["consumer"] = json!({ "ip": "192.0.2.1" });
        long["reservationReference"] = json!(id[..6]);
        long["reserveId"] = json!(id);
        tell(state, payment, "payment.reservation.created", &id, long);
        let short = with_reference(payment, short);
        tell(state, payment, "payment.reservation.created.v2", &id, short);
    }
    // An agreement's charge has no checkout.
    if !matches!(payment.place, super::payment::Place::None) {
        let data = json!({ "order": order(payment), "consumer": { "ip": "192.0.2.1" } });
        let data = with_reference(payment, data);
        tell(
            state,
            payment,
            "payment.checkout.completed",
            &new_id(),
            data,
        );
    }
}

pub(crate) fn reservation_failed(state: &State, payment: &mut Payment) {
    let data = json!({
        "error": error("1022", "The payment method refused the reservation."),
        "orderItems": payment.order.items,
        "amount": amount(payment, payment.order.amount),
    });
    tell(
        state,
        payment,
        "payment.reservation.failed",
        &new_id(),
        data,
    );
}

pub(crate) fn charged(state: &State, payment: &mut Payment, charge: &Charge) {
    let brand = payment.paid.as_ref().map(|used| used.card.brand);
    let data = json!({
        "chargeId": charge.id,
        "orderItems": charge.items,
        "paymentMethod": brand,
        "paymentType": "CARD",
        "amount": amount(payment, charge.amount),
    });
    for event in ["payment.charge.created", "payment.charge.created.v2"] {
        tell(state, payment, event, &charge.id, data.clone());
    }
}

pub(crate) fn charge_failed(
    state: &State,
    payment: &mut Payment,
    charged: i64,
    items: Option<&[Value]>,
) {
    let id = new_id();
    let data = json!({
        "error": error("1020", "The payment method refused the charge."),
        "chargeId": id,
        "orderItems": items.unwrap_or(&payment.order.items),
        "reconciliationReference": id[..25],
        "amount": amount(payment, charged),
    });
    for event in ["payment.charge.failed", "payment.charge.failed.v2"] {
        tell(state, payment, event, &id, data.clone());
    }
}

pub(crate) fn cancelled(
    state: &State,
    payment: &mut Payment,
    cancelled: i64,
    items: Option<&[Value]>,
) {
    let id = new_id();
    let data = json!({
        "cancelId": id,
        "orderItems": items.unwrap_or(&payment.order.items),
        "amount": amount(payment, cancelled),
    });
    tell(state, payment, "payment.cancel.created", &id, data);
}

pub(crate) fn refund_initiated(state: &State, payment: &mut Payment, refund: &Refund) {
    let data = json!({
        "refundId": refund.id,
        "chargeId": refund.charge_id,
        "amount": amount(payment, refund.amount),
    });
    for event in ["payment.refund.initiated", "payment.refund.initiated.v2"] {
        tell(state, payment, event, &refund.id, data.clone());
    }
}

pub(crate) fn refund_ended(state: &State, payment: &mut Payment, refund: &Refund) {
    let mut data = json!({
        "refundId": refund.id,
        "amount": amount(payment, refund.amount),
    });
    if refund.state == RefundState::Failed {
        data["error"] = error("1014", "The refund failed.");
        data["reconciliationReference"] = json!(refund.id[..25]);
        tell(state, payment, "payment.refund.failed", &new_id(), data);
    } else {
        tell(state, payment, "payment.refund.completed", &new_id(), data);
    }
}

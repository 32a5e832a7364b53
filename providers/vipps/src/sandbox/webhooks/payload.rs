//! What a webhook says. The two APIs have payloads of their own.

use serde_json::{Value, json};

use crate::sandbox::epayment::payment::Payment;
use crate::sandbox::epayment::render;
use crate::sandbox::recurring::agreement::{Agreement, Name};
use crate::sandbox::recurring::charge::Charge;
use crate::sandbox::state::State;

/// Tells the latest event of a payment. The body has its short name only.
pub(crate) fn send_payment(state: &State, payment: &mut Payment) {
    let Some(event) = payment.events.last() else {
        return;
    };
    let mut body = render::event(payment, event);
    body["msn"] = json!(payment.unit);
    // An event goes by another number here than in the log.
    body["pspReference"] = json!(state.next_number());
    if event.name == "AUTHORIZED" && event.success {
        render::add_who_paid(state, payment, &mut body);
    }
    let kind = format!("epayments.payment.{}.v1", event.name.to_ascii_lowercase());
    let unit = payment.unit.clone();
    payment.sequences.send(state, &unit, &kind, &body);
}

/// Tells what became of an agreement; `actor` is who stopped it.
pub(crate) fn send_agreement(
    state: &State,
    agreement: &mut Agreement,
    what: &str,
    actor: Option<&str>,
) {
    let kind = format!("recurring.agreement-{what}.v1");
    let mut body = named(state, &agreement.name);
    body["eventType"] = json!(kind);
    if let Some(actor) = actor {
        body["actor"] = json!(actor);
    }
    let unit = agreement.name.unit.clone();
    agreement.sequences.send(state, &unit, &kind, &body);
}

fn named(state: &State, name: &Name) -> Value {
    json!({
        "agreementId": name.id,
        "agreementUUID": name.uuid,
        "agreementExternalId": name.external_id,
        "msn": name.unit,
        "occurred": render::time(state.now()),
    })
}

/// Tells what became of a charge of the agreement that is called `name`.
pub(crate) fn send_charge(state: &State, name: &Name, charge: &mut Charge, what: &str) {
    let kind = format!("recurring.charge-{what}.v1");
    let mut body = named(state, name);
    let more = json!({
        "chargeId": charge.id,
        "chargeExternalId": charge.external_id,
        "transactionId": charge.transaction_id,
        "amount": charge.amount,
        "chargeType": charge.kind.name(),
        "currency": name.currency.code(),
        "amountCaptured": charge.captured,
        "amountCanceled": charge.cancelled,
        "amountRefunded": charge.refunded,
        "eventType": kind,
    });
    for (field, value) in more.as_object().into_iter().flatten() {
        body[field] = value.clone();
    }
    if let Some(failure) = charge.failure {
        body["failureReason"] = json!(failure.reason);
    }
    charge.sequences.send(state, &name.unit, &kind, &body);
}

//! Agreements and charges as the API answers them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::agreement::{Agreement, Name};
use super::charge::{Charge, begins_at};
use crate::sandbox::state::State;

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

pub(crate) fn agreement(state: &State, agreement: &Agreement) -> Value {
    let sub = agreement.visit.sub(state.now());
    let userinfo = sub.map(|sub| format!("{}/vipps-userinfo-api/userinfo/{sub}", state.base));
    json!({
        "id": agreement.name.id,
        "uuid": agreement.name.uuid,
        "created": time(agreement.created_at),
        "start": agreement.started_at.map(time),
        "stop": agreement.stopped_at.map(time),
        "status": agreement.status.name(),
        "productName": agreement.product_name,
        "productDescription": agreement.product_description,
        "pricing": agreement.pricing.to_json(agreement.name.currency),
        "interval": agreement.interval.map(super::pricing::Interval::to_json),
        "campaign": agreement.campaign,
        "merchantAgreementUrl": agreement.management_url,
        "merchantRedirectUrl": agreement.visit.return_url,
        "vippsConfirmationUrl": state.landing_url(&agreement.landing),
        "sub": sub,
        "userinfoUrl": userinfo,
        "externalId": agreement.name.external_id,
        "countryCode": country(&agreement.name),
    })
}

fn country(name: &Name) -> &'static str {
    match name.currency.code() {
        "DKK" => "DK",
        "EUR" => "FI",
        _ => "NO",
    }
}

fn transaction_type(charge: &Charge) -> &'static str {
    if charge.captures_at_once {
        "DIRECT_CAPTURE"
    } else {
        "RESERVE_CAPTURE"
    }
}

pub(crate) fn charge(name: &Name, charge: &Charge) -> Value {
    let history: Vec<Value> = charge
        .history
        .iter()
        .map(|past| {
            json!({
                "occurred": time(past.at),
                "event": past.event,
                "amount": past.amount,
                "idempotencyKey": past.key,
                "success": past.success,
            })
        })
        .collect();
    let mut body = json!({
        "id": charge.id,
        "agreementId": name.id,
        "externalId": charge.external_id,
        "externalAgreementId": name.external_id,
        "amount": charge.amount,
        "currency": name.currency.code(),
        "description": charge.description,
        "due": time(begins_at(charge.due)),
        "retryDays": charge.retry_days,
        "status": charge.status.name(),
        "transactionId": charge.transaction_id,
        "type": charge.kind.name(),
        "transactionType": transaction_type(charge),
        "summary": {
            "captured": charge.captured,
            "refunded": charge.refunded,
            "cancelled": charge.cancelled,
        },
        "history": history,
    });
    if let Some(failure) = charge.failure {
        body["failureReason"] = json!(failure.reason);
        body["failureDescription"] = json!(failure.text);
    }
    body
}

//! A payment as the provider answers it: zero amounts are left out, and what is not there is `{}`.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::agreement::Kind;
use super::cards::Used;
use super::payment::{Payment, Place};
use super::state::State;

/// Four digits of a second and a numeric offset.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    let fraction = at.timestamp_subsec_micros() / 100;
    format!("{}.{fraction:04}+00:00", at.format("%Y-%m-%dT%H:%M:%S"))
}

/// The page where the payer pays in the hosted flow.
pub(crate) fn hosted_page(state: &State, payment: &Payment) -> String {
    let account = state.accounts.get(payment.account);
    let key = account.map(|account| account.checkout_key.as_str());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("checkoutKey", key.unwrap_or_default())
        .append_pair("pid", &payment.id)
        .finish();
    format!("{}/hostedpaymentpage/?{query}", state.base)
}

pub(crate) fn payment_details(used: &Used) -> Value {
    json!({
        "paymentType": "CARD",
        "paymentMethod": used.card.brand,
        "cardDetails": { "maskedPan": used.card.masked(), "expiryDate": used.expiry },
    })
}

pub(crate) fn payment(state: &State, payment: &Payment) -> Value {
    let mut order = json!({
        "amount": payment.order.amount,
        "currency": payment.order.currency,
    });
    set(&mut order, "reference", payment.order.reference.clone());
    let mut body = json!({
        "paymentId": payment.id,
        "summary": summary(payment),
        "consumer": consumer(payment),
        "paymentDetails": details(payment),
        "orderDetails": order,
        "checkout": checkout(state, payment),
        "created": time(payment.created_at),
    });
    set(&mut body, "myReference", payment.my_reference.clone());
    set(&mut body, "terminated", payment.terminated_at.map(time));
    let kind = payment.wanted.as_ref().map(|wanted| wanted.kind);
    if let Some((kind, id)) = kind.zip(payment.agreement_id.as_deref()) {
        match kind {
            Kind::Subscription => body["subscription"] = json!({ "id": id }),
            Kind::Unscheduled => {
                body["unscheduledSubscription"] = json!({ "unscheduledSubscriptionId": id });
            }
        }
    }
    if !payment.charges.is_empty() {
        body["charges"] = charges(payment);
    }
    if !payment.refunds.is_empty() {
        body["refunds"] = refunds(payment);
    }
    json!({ "payment": body })
}

fn set(body: &mut Value, name: &str, value: Option<String>) {
    if let Some(value) = value {
        body[name] = Value::String(value);
    }
}

fn summary(payment: &Payment) -> Value {
    let amounts = [
        ("reservedAmount", payment.reserved()),
        ("chargedAmount", payment.charged()),
        ("refundedAmount", payment.refunded()),
        ("cancelledAmount", payment.cancelled),
    ];
    let some = amounts.into_iter().filter(|(_, amount)| *amount != 0);
    some.map(|(name, amount)| (name.to_owned(), json!(amount)))
        .collect::<Map<String, Value>>()
        .into()
}

fn consumer(payment: &Payment) -> Value {
    let consumer = &payment.consumer;
    let phone = consumer.phone.clone().unwrap_or_else(|| json!({}));
    let is_company = !consumer.company.is_empty();
    let (mut person, mut company) = (consumer.person.clone(), consumer.company.clone());
    let (persons, companys) = if is_company {
        (json!({}), phone)
    } else {
        (phone, json!({}))
    };
    person.insert("phoneNumber".to_owned(), persons);
    company.insert(
        "contactDetails".to_owned(),
        json!({ "phoneNumber": companys }),
    );
    json!({
        "shippingAddress": consumer.shipping,
        "company": company,
        "privatePerson": person,
        "billingAddress": consumer.billing,
    })
}

fn details(payment: &Payment) -> Value {
    let Some(used) = &payment.paid else {
        return json!({ "invoiceDetails": {}, "cardDetails": {} });
    };
    let mut details = payment_details(used);
    details["invoiceDetails"] = json!({});
    details
}

/// For a hosted payment the page itself, which can be offered again.
fn checkout(state: &State, payment: &Payment) -> Value {
    match &payment.place {
        Place::Embedded(url) => json!({ "url": url }),
        Place::Hosted { cancel_url, .. } => {
            let mut checkout = json!({ "url": hosted_page(state, payment) });
            set(
                &mut checkout,
                "cancelUrl",
                cancel_url.clone().map(Into::into),
            );
            checkout
        }
        Place::None => json!({ "url": "" }),
    }
}

fn charges(payment: &Payment) -> Value {
    let charge = payment.charges.iter().map(|charge| {
        json!({
            "chargeId": charge.id,
            "amount": charge.amount,
            "created": time(charge.at),
            "orderItems": charge.items,
        })
    });
    charge.collect()
}

fn refunds(payment: &Payment) -> Value {
    let refund = payment.refunds.iter().map(|refund| {
        json!({
            "refundId": refund.id,
            "amount": refund.amount,
            "state": refund.state.name(),
            "lastUpdated": time(refund.changed_at),
            "orderItems": refund.items,
        })
    });
    refund.collect()
}

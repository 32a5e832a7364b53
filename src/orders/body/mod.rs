//! What an order is about, read from the body of its registration (CONTRACT 5, 8.5).
//!
//! Pure: the body, the client's profile and the payment it names in; a request or every broken
//! field out. Members it does not know are left alone. What must never live here: the store, or a
//! member's value in a message.

mod details;
mod lines;
mod people;
mod price;
mod reader;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate};
use mcpay_port::{Money, PaymentRef, Recurring};

pub use details::{Details, LineDetails, read_details};
pub use reader::Object;

use super::method::{METHOD_NAMES, OrderMethod};
use crate::catalogue::CouponRef;
use crate::clients::ClientProfile;
use crate::payments::payment::Payment;
use crate::payments::terms::FieldError;
use reader::{Field, Reader};

const LONGEST_EXTERNAL_ID: usize = 40;
const LONGEST: usize = 255;

/// An order that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    pub external_id: Option<String>,
    pub method: OrderMethod,
    pub amount: Money,
    /// The part of `amount` that is VAT.
    pub vat: Money,
    pub coupon: Option<CouponRef>,
    pub recurring: bool,
    pub prepaid: bool,
}

/// The payment that a body names by `mcPayRef`.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    Nothing,
    /// There is no such payment of this client.
    Unknown,
    Payment(&'a Payment),
}

impl<'a> Named<'a> {
    pub(super) const fn payment(self) -> Option<&'a Payment> {
        match self {
            Self::Payment(payment) => Some(payment),
            Self::Nothing | Self::Unknown => None,
        }
    }
}

/// The reference under which the body names a payment: the outer `None` when it names none, the
/// inner one when what it names can be no reference.
pub fn find_payment_ref(body: &Object) -> Option<Option<PaymentRef>> {
    let text = body.get("mcPayRef")?;
    let reference = serde_json::from_str::<String>(text).ok();
    Some(reference.and_then(|reference| reference.parse().ok()))
}

/// The merchant's own id of the order; `None` when there is none that could ever be registered.
pub fn find_external_id(body: &Object) -> Option<String> {
    let id = body.find_text("externalOrderId");
    id.filter(|id| is_external_id(id))
}

fn is_external_id(id: &str) -> bool {
    id.trim() == id && !id.chars().any(char::is_control)
}

/// Reads and checks the whole body.
///
/// # Errors
/// Every broken field at once, each with its path.
pub fn read_order(
    body: &Object,
    profile: &ClientProfile,
    named: Named<'_>,
) -> Result<OrderRequest, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut reader = Reader::new(body, &mut errors);
    let external_id = read_external_id(&mut reader);
    check_order_date(&mut reader);
    check_reference(&mut reader, named);
    let prepaid = reader.flag("prepaid");
    let recurring = reader.flag("recurring");
    let method = read_method(&mut reader, named);
    reader.check_texts(&["companyCode", "customerReference"], LONGEST);
    people::check_payer(&mut reader);
    let is_paid_here = matches!(named, Named::Nothing)
        && !prepaid
        && method.is_some_and(|method| method.payment_method().is_some());
    if is_paid_here {
        check_recurring(&mut reader, method, recurring);
    }
    let price = price::read_price(&mut reader, profile, named, is_paid_here, recurring);
    match (method, price) {
        (Some(method), Some(price)) if errors.is_empty() => Ok(OrderRequest {
            external_id,
            method,
            amount: price.amount,
            vat: price.vat,
            coupon: price.coupon,
            recurring: recurring || is_of_agreement(named),
            prepaid: prepaid || named.payment().is_some(),
        }),
        _ => Err(errors),
    }
}

fn is_of_agreement(named: Named<'_>) -> bool {
    let payment = named.payment();
    payment.is_some_and(|payment| payment.agreement.is_some() || payment.charge_of.is_some())
}

/// Kept exactly as it is, so that a client finds it again.
fn read_external_id(reader: &mut Reader<'_>) -> Option<String> {
    const FIELD: &str = "externalOrderId";
    let id = reader.text(FIELD, LONGEST_EXTERNAL_ID).given()?;
    if !is_external_id(&id) {
        let message = "must have no whitespace at its ends and no control characters.";
        reader.refuse(FIELD, "invalid", message);
        return None;
    }
    Some(id)
}

fn check_order_date(reader: &mut Reader<'_>) {
    if let Field::Given(date) = reader.text("orderDate", LONGEST) {
        let is_date = date.parse::<NaiveDate>().is_ok();
        if !is_date && DateTime::parse_from_rfc3339(&date).is_err() {
            let message = "must be a date such as 2026-11-21 or a time as RFC 3339 writes it.";
            reader.refuse("orderDate", "invalid", message);
        }
    }
}

fn check_reference(reader: &mut Reader<'_>, named: Named<'_>) {
    if matches!(named, Named::Unknown) {
        let message = "must be the mcPayRef of a payment of this client.";
        reader.refuse("mcPayRef", "unknown", message);
    }
}

fn read_method(reader: &mut Reader<'_>, named: Named<'_>) -> Option<OrderMethod> {
    const FIELD: &str = "paymentMethod";
    let name = match reader.text(FIELD, LONGEST) {
        Field::Given(name) => name,
        Field::Absent => {
            let message = format!("must be one of {METHOD_NAMES}.");
            reader.refuse(FIELD, "required", &message);
            return None;
        }
        Field::Broken => return None,
    };
    let Some(method) = OrderMethod::from_name(&name) else {
        let message = format!("must be one of {METHOD_NAMES}.");
        reader.refuse(FIELD, "invalid", &message);
        return None;
    };
    let other = named
        .payment()
        .filter(|payment| method.payment_method() != Some(payment.method));
    if let Some(payment) = other {
        let message = format!("must be {}, as the payment's.", payment.method.as_str());
        reader.refuse(FIELD, "mismatch", &message);
    }
    Some(method)
}

fn check_recurring(reader: &mut Reader<'_>, method: Option<OrderMethod>, recurring: bool) {
    let Some(method) = method.and_then(OrderMethod::payment_method) else {
        return;
    };
    let wanted = match method.recurring() {
        Recurring::Either => recurring,
        Recurring::Always => true,
        Recurring::Never => false,
    };
    if wanted != recurring {
        let message = format!("must be {wanted} for {}.", method.as_str());
        reader.refuse("recurring", "conflict", &message);
    }
}

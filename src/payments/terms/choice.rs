//! Method, flow, scope and whether it recurs: what may be combined with what.

use mcpay_port::{Flow, PaymentMethod, Recurring};

use super::reader::{Claim, Reader};

/// What Vipps can tell about the payer, as `paymentScope` names it.
const SCOPES: [&str; 5] = ["address", "birthDate", "email", "name", "phoneNumber"];

/// The answers; `None` where something was wrong and has been recorded.
pub(super) struct Choice {
    pub(super) method: Option<PaymentMethod>,
    pub(super) flow: Option<Flow>,
    pub(super) recurring: Option<bool>,
    pub(super) scope: Vec<String>,
}

pub(super) fn read_choice(reader: &mut Reader<'_>) -> Choice {
    let method = read_method(reader);
    let flow = read_flow(reader, method);
    let scope = read_scope(reader, method);
    let recurring = read_recurring(reader, method);
    Choice {
        method,
        flow,
        recurring,
        scope,
    }
}

fn read_method(reader: &mut Reader<'_>) -> Option<PaymentMethod> {
    let names = PaymentMethod::ALL.map(PaymentMethod::as_str).join(", ");
    let claim = reader.text("paymentMethod");
    reader.require(&claim, "paymentMethod", &format!("must be one of {names}."));
    let method = reader.check(claim, "paymentMethod", |name| {
        name.parse()
            .map_err(|()| ("invalid", format!("must be one of {names}.")))
    });
    method.given()
}

fn read_flow(reader: &mut Reader<'_>, method: Option<PaymentMethod>) -> Option<Flow> {
    let claim = reader.text("paymentFlow");
    let claim = reader.check(claim, "paymentFlow", |name| {
        let flow: Flow = name
            .parse()
            .map_err(|()| ("invalid", "must be seamless or redirect.".to_owned()))?;
        match method {
            Some(method) if !method.has_flow(flow) => Err((
                "not_allowed",
                format!("must be redirect for {}.", method.as_str()),
            )),
            _ => Ok(flow),
        }
    });
    match claim {
        Claim::Given(flow) => Some(flow),
        Claim::Absent => method.map(PaymentMethod::default_flow),
        Claim::Broken => None,
    }
}

fn read_scope(reader: &mut Reader<'_>, method: Option<PaymentMethod>) -> Vec<String> {
    let claim = reader.text("paymentScope");
    let scope = reader.check(claim, "paymentScope", |text| {
        let mut scope: Vec<String> = Vec::new();
        for name in text.split_whitespace() {
            if !SCOPES.contains(&name) {
                let known = SCOPES.join(", ");
                let message = format!("may hold, separated by spaces, only {known}.");
                return Err(("invalid", message));
            }
            if !scope.iter().any(|known| known == name) {
                scope.push(name.to_owned());
            }
        }
        match method {
            Some(method) if !method.is_vipps() && !scope.is_empty() => Err((
                "not_allowed",
                format!("is for Vipps only; leave it out for {}.", method.as_str()),
            )),
            _ => Ok(scope),
        }
    });
    scope.given().unwrap_or_default()
}

fn read_recurring(reader: &mut Reader<'_>, method: Option<PaymentMethod>) -> Option<bool> {
    let claim = reader.boolean("recurring");
    reader.require(&claim, "recurring", "must be true or false.");
    let recurring = reader.check(claim, "recurring", |recurring| {
        let Some(method) = method else {
            return Ok(recurring);
        };
        let wanted = match method.recurring() {
            Recurring::Either => recurring,
            Recurring::Always => true,
            Recurring::Never => false,
        };
        if wanted == recurring {
            return Ok(recurring);
        }
        Err((
            "conflict",
            format!("must be {wanted} for {}.", method.as_str()),
        ))
    });
    recurring.given()
}

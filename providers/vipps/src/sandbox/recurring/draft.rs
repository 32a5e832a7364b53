//! `POST /agreements`: an agreement for a payer to approve, with or without a first payment.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::FAMILY;
use super::agreement::{Agreement, Name, Status, wake};
use super::charge::{self, Charge, Kind};
use super::pricing::{Interval, Pricing, least_of};
use crate::sandbox::api::{Answer, Call, Reply};
use crate::sandbox::epayment::AUTO_APPROVE_AFTER;
use crate::sandbox::fields::{Fields, Wrong};
use crate::sandbox::person::{is_phone, read_scope};
use crate::sandbox::problem::Problem;
use crate::sandbox::state::{SharedAgreement, State, locked};
use crate::sandbox::visit::Visit;
use crate::sandbox::webhooks::sequences::Sequences;

/// # Errors
/// 400 with every field that is missing or wrong, 403 for what the sales unit may not do, 409 for
/// an order id that exists.
pub(crate) fn draft(call: &Call<'_>) -> Answer {
    let wrong = Wrong::default();
    let fields = Fields::root(call.body, &wrong);
    let currency = call.account.currency;
    let pricing = Pricing::read(&fields, currency);
    let interval = fields
        .find_object("interval")
        .map(|interval| Interval::read(&interval));
    let return_url = fields.required_url("merchantRedirectUrl");
    let agreement_url = fields.required_url("merchantAgreementUrl");
    let product_name = fields.required_text("productName", 1..=45).to_owned();
    let product_description = fields
        .text("productDescription", 1..=100)
        .map(str::to_owned);
    let (phone, scope) = read_payer(&fields);
    let external_id = fields.text("externalId", 1..=64).map(str::to_owned);
    let initial = fields
        .find_object("initialCharge")
        .map(|charge| read_initial(call, &charge));
    let campaign = read_campaign(&fields, pricing);
    fields.flag("isApp");
    let skips_landing = fields.flag("skipLandingPage");
    fields.close();
    wrong.check(FAMILY)?;
    if skips_landing {
        let text = "This sales unit may not skip the landing page.";
        return Err(Problem::recurring(403, "unsupported-feature", text));
    }
    let (Some(return_url), Some(agreement_url)) = (return_url, agreement_url) else {
        return Err(Problem::header(
            FAMILY,
            "merchantRedirectUrl",
            "is required",
        ));
    };
    let agreement = Agreement {
        name: Name {
            unit: call.unit().to_owned(),
            id: format!("agr_{}", short()),
            uuid: Uuid::new_v4().to_string(),
            external_id,
            currency,
        },
        landing: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
        status: Status::Pending,
        created_at: call.now,
        started_at: None,
        stopped_at: None,
        product_name,
        product_description,
        pricing,
        interval,
        campaign,
        management_url: agreement_url,
        is_auto_approved: call.state.stage.controls().auto_approve,
        visit: Visit::new(phone, scope, Some(return_url)),
        charges: initial.into_iter().collect(),
        sequences: Sequences::default(),
    };
    keep(call, agreement)
}

fn read_payer(fields: &Fields<'_>) -> (Option<String>, Vec<&'static str>) {
    let phone = fields.text("phoneNumber", 10..=15);
    if phone.is_some_and(|phone| !is_phone(phone)) {
        fields.refuse("phoneNumber", "must match '^\\d{10,15}$'");
    }
    let sent = fields.text("scope", 1..=200);
    let scope = sent.and_then(read_scope).unwrap_or_default();
    if sent.is_some() && scope.is_empty() || scope.contains(&"nin") {
        fields.refuse("scope", "has a word that is not known or not allowed");
    }
    (phone.map(str::to_owned), scope)
}

fn read_campaign(fields: &Fields<'_>, pricing: Pricing) -> Option<Value> {
    let campaign = fields.value("campaign")?;
    if !campaign.is_object() {
        fields.refuse("campaign", "must be an object");
    }
    if !matches!(pricing, Pricing::Legacy { .. }) {
        fields.refuse("campaign", "goes with LEGACY pricing only");
    }
    Some(campaign.clone())
}

fn keep(call: &Call<'_>, agreement: Agreement) -> Answer {
    let charge_id = agreement.charges.first().map(|charge| charge.id.clone());
    if let Some(id) = &charge_id {
        let known = call
            .state
            .books(|books| books.find_charge(call.unit(), id).is_some());
        if known {
            return Err(taken(id));
        }
    }
    let answer = json!({
        "agreementId": agreement.name.id,
        "uuid": agreement.name.uuid,
        "vippsConfirmationUrl": call.state.landing_url(&agreement.landing),
        "chargeId": charge_id,
    });
    let (approves, expires_at) = (agreement.is_auto_approved, agreement.expires_at());
    let shared = call.state.keep_agreement(agreement);
    if let Some(id) = &charge_id {
        call.state
            .books(|books| books.add_charge(call.unit(), id, &shared));
    }
    wake(call.state, &shared, expires_at);
    if approves {
        approve_by_itself(call.state, shared);
    }
    Ok(Reply::json(201, answer))
}

pub(crate) fn taken(id: &str) -> Problem {
    Problem::recurring(409, "conflict", format!("orderId {id} is used already"))
}

fn approve_by_itself(state: &Arc<State>, shared: SharedAgreement) {
    let later = Arc::clone(state);
    state.stage.tasks.spawn(async move {
        tokio::time::sleep(AUTO_APPROVE_AFTER).await;
        let mut agreement = locked(&shared);
        agreement.settle(&later);
        if agreement.is_open() {
            let _ = agreement.approve(&later);
        }
    });
}

/// Seven letters and digits, as the real ones have.
pub(crate) fn short() -> String {
    Uuid::new_v4()
        .simple()
        .to_string()
        .chars()
        .take(7)
        .collect()
}

fn read_initial(call: &Call<'_>, fields: &Fields<'_>) -> Charge {
    let least = least_of(call.account.currency);
    let amount = fields.required_integer("amount", least..=i64::from(i32::MAX));
    let mut charge = read_common(call, fields, amount);
    fields.close();
    charge.kind = Kind::Initial;
    charge
}

/// What an initial charge and every later one have in common.
pub(crate) fn read_common(call: &Call<'_>, fields: &Fields<'_>, amount: i64) -> Charge {
    let description = fields.required_text("description", 1..=45).to_owned();
    let types = ["DIRECT_CAPTURE", "RESERVE_CAPTURE"];
    let transaction = fields.required_one_of("transactionType", &types);
    let order_id = fields.text("orderId", 1..=50);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if order_id.is_some_and(|id| !id.bytes().all(plain)) {
        fields.refuse("orderId", "must match '^[a-zA-Z0-9-]{1,50}$'");
    }
    let external_id = fields.text("externalId", 1..=64).map(str::to_owned);
    let mut charge = Charge {
        id: order_id.map_or_else(|| format!("chr-{}", short()), str::to_owned),
        external_id,
        amount,
        description,
        due: call.now.date_naive(),
        retry_days: 0,
        kind: Kind::Recurring,
        captures_at_once: transaction == Some("DIRECT_CAPTURE"),
        status: charge::Status::Pending,
        transaction_id: None,
        captured: 0,
        refunded: 0,
        cancelled: 0,
        failure: None,
        has_failed_capture: false,
        history: Vec::new(),
        accepted: Vec::new(),
        sequences: Sequences::default(),
    };
    charge.note(call.now, "CREATE", amount, call.key, true);
    charge
}

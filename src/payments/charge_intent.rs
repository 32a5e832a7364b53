//! The intent of a charge: what is stored before the provider hears of it.

use chrono::{DateTime, Utc};
use mcpay_port::{Account, Flow, PaymentMethod, PaymentRef, Provider};
use url::Url;

use super::agreement::Agreement;
use super::charge_terms::{ChargeTerms, kept_due_at, kept_until, pay_within};
use super::intent::settlement_terms;
use super::operate::OWNER_LIMIT;
use super::operation::{NewOperation, OperationKind};
use super::payment::{Amounts, Payment, Reserved, ReturnKey, Status};
use super::service::Payments;
use super::terms::page_with_reference;
use crate::clients::ClientProfile;
use crate::events::{Event, EventType};

impl Payments {
    /// A charge that is not made at once waits for its day here, unless the provider keeps it. The
    /// day is decided here once and for all: whenever the charge is repeated, it has the same.
    pub(super) fn intent_to_charge(
        &self,
        agreement: &Agreement,
        terms: &ChargeTerms,
        profile: &ClientProfile,
        (account, provider): (&Account, &dyn Provider),
    ) -> (Payment, NewOperation, Event) {
        let now = self.clock.now();
        let kept = provider.capabilities().charges.kept_until_due;
        let due_at = if kept.is_some() {
            let first = provider.first_due(account, now);
            kept_due_at(terms.due_at, first, &profile.client.country, now)
        } else {
            terms.due_at
        };
        let pay_before = match due_at.zip(kept) {
            Some((due_at, kept)) => kept_until(due_at, kept),
            None => due_at.unwrap_or(now) + pay_within(profile.client.pay_within),
        };
        let reference = PaymentRef(self.ids.uuid());
        let currency = terms.amount.currency();
        let waits_until = due_at.filter(|_| kept.is_none());
        let mut payment = Payment {
            reference,
            client: agreement.client.clone(),
            account: agreement.account,
            method: agreement.method,
            flow: Flow::Redirect,
            external_reference: terms.external_reference.clone(),
            amount: terms.amount,
            vat: terms.vat,
            description: terms.description.clone(),
            coupon: Some(agreement.coupon.clone()),
            agreement: None,
            charge_of: Some(agreement.id),
            due_at,
            profile: None,
            terms: settlement_terms(profile),
            status: Status::Initiated,
            reason: None,
            amounts: Amounts::none(currency),
            reserved: Reserved::none(currency),
            capture_refusals: 0,
            claimed: false,
            release_at: None,
            provider_ref: None,
            next_step: None,
            page_url: self.page_of(profile, reference),
            return_url: None,
            return_key: ReturnKey(self.ids.key()),
            closing: None,
            version: 0,
            event_sequence: 0,
            created_at: now,
            pay_before,
            authorized_at: None,
            ended_at: None,
            inquire_at: waits_until
                .is_none()
                .then(|| self.first_look(agreement.method, due_at)),
            inquiries: 0,
        };
        let event = payment.tell(EventType::PaymentInitiated, self.ids.uuid(), now);
        let operation = NewOperation {
            amount: Some(terms.amount),
            vat: Some(terms.vat),
            due_at: Some(waits_until.unwrap_or(now + OWNER_LIMIT)),
            ..self.new_operation(&payment, OperationKind::Charge)
        };
        (payment, operation, event)
    }

    /// What the provider keeps until its day is not asked about before.
    pub(super) fn first_look(
        &self,
        method: PaymentMethod,
        due_at: Option<DateTime<Utc>>,
    ) -> DateTime<Utc> {
        let soon = self.clock.now() + self.polls.first(method);
        due_at.map_or(soon, |due_at| soon.max(due_at))
    }

    /// Nobody is sent there; it is where the client's payments are in the end (CONTRACT 8.7).
    fn page_of(&self, profile: &ClientProfile, reference: PaymentRef) -> String {
        let origin = profile.client.allowed_origins.first();
        let page = origin.and_then(|origin| Url::parse(origin).ok());
        page_with_reference(page.as_ref().unwrap_or(&self.public_url), reference).into()
    }
}

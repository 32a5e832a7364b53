//! The intent of a payment: what is stored before the provider hears of it, and what it will hear.

use chrono::TimeDelta;
use mcpay_port::{AgreementId, AgreementTerms, Payer, PaymentOrder, PaymentRef, Urls};
use url::Url;

use super::agreement::NewAgreement;
use super::operation::{NewOperation, OperationKind};
use super::payment::{
    Amounts, Payment, PaymentAgreement, ProfileAsked, Reserved, ReturnKey, SettlementTerms, Status,
};
use super::ports::{IdempotencyClaim, Intent};
use super::service::Payments;
use super::start::StartRequest;
use super::terms::{Terms, page_with_reference};
use crate::clients::callback_key::callback_key;
use crate::clients::{CapturePolicy, ClientProfile, StoredAccount};
use crate::events::EventType;

/// A valid request, before it has an identity.
#[derive(Clone, Copy)]
pub(super) struct Draft<'a> {
    pub profile: &'a ClientProfile,
    pub account: &'a StoredAccount,
    pub terms: &'a Terms,
    pub start: &'a StartRequest,
}

impl Payments {
    /// Gives the draft its identifiers.
    pub(super) fn intend(
        &self,
        draft: &Draft<'_>,
        claim: Option<IdempotencyClaim>,
    ) -> (Intent, PaymentOrder) {
        let now = self.clock.now();
        let Draft {
            profile,
            account,
            terms,
            start,
        } = draft;
        let reference = PaymentRef(self.ids.uuid());
        let agreement = self.agreement_for(draft, reference);
        let mut payment = Payment {
            reference,
            client: profile.client.code.clone(),
            account: account.account.id,
            method: terms.method,
            flow: terms.flow,
            external_reference: terms.external_reference.clone(),
            amount: terms.amount,
            vat: terms.vat,
            description: describe(profile, terms),
            coupon: terms.coupon.clone(),
            agreement: agreement.as_ref().map(|agreement| PaymentAgreement {
                id: agreement.id,
                active: false,
            }),
            charge_of: None,
            due_at: None,
            profile: (!terms.profile_scope.is_empty()).then_some(ProfileAsked::Asked),
            terms: start.settlement,
            status: Status::Initiated,
            reason: None,
            amounts: Amounts::none(terms.amount.currency()),
            reserved: Reserved::none(terms.amount.currency()),
            capture_refusals: 0,
            claimed: start.claimed,
            release_at: None,
            provider_ref: None,
            next_step: None,
            page_url: page_with_reference(&terms.page_url, reference).into(),
            return_url: terms.return_url.as_ref().map(ToString::to_string),
            return_key: ReturnKey(self.ids.key()),
            closing: None,
            version: 0,
            event_sequence: 0,
            created_at: now,
            pay_before: now + profile.client.pay_within,
            authorized_at: None,
            ended_at: None,
            inquire_at: Some(now + self.polls.first(terms.method)),
            inquiries: 0,
        };
        let event = payment.tell(EventType::PaymentInitiated, self.ids.uuid(), now);
        let operation = NewOperation {
            amount: Some(terms.amount),
            ..self.new_operation(&payment, OperationKind::Initiate)
        };
        let order = self.order_for(draft, &payment, agreement.as_ref());
        (
            Intent {
                claim,
                payment,
                agreement,
                operation,
                events: vec![event],
            },
            order,
        )
    }

    fn agreement_for(&self, draft: &Draft<'_>, reference: PaymentRef) -> Option<NewAgreement> {
        let Draft {
            profile,
            account,
            terms,
            ..
        } = draft;
        let price = terms.agreement.as_ref()?;
        let id = AgreementId(self.ids.uuid());
        Some(NewAgreement {
            id,
            client: profile.client.code.clone(),
            account: account.account.id,
            first_payment: reference,
            amount: price.amount,
            coupon: terms.coupon.clone()?,
            payer_reference: id.0.simple().to_string(),
            created_at: self.clock.now(),
        })
    }

    fn order_for(
        &self,
        draft: &Draft<'_>,
        payment: &Payment,
        agreement: Option<&NewAgreement>,
    ) -> PaymentOrder {
        let Draft {
            profile,
            account,
            terms,
            start,
        } = draft;
        let key = callback_key(
            &account.callback_secret,
            account.account.provider,
            payment.reference,
        );
        let page = page_with_reference(&terms.page_url, payment.reference);
        PaymentOrder {
            reference: payment.reference,
            method: payment.method,
            flow: payment.flow,
            amount: payment.amount,
            vat: payment.vat,
            agreement: agreement
                .zip(terms.agreement.as_ref())
                .map(|(agreement, price)| AgreementTerms {
                    amount: price.amount,
                    period: price.period,
                    payer_reference: agreement.payer_reference.clone(),
                }),
            description: payment.description.clone(),
            language: profile.client.language.clone(),
            country: profile.client.country.clone(),
            capture_at_once: payment.terms.capture == CapturePolicy::Immediate,
            payer: Payer {
                phone_number: terms.phone_number.clone(),
                user_agent: start.user_agent.clone(),
                profile_scope: terms.profile_scope.clone(),
            },
            urls: Urls {
                host_origins: vec![page.origin().ascii_serialization()],
                page,
                complete: self.return_url(payment, false),
                cancel: self.return_url(payment, true),
                callback: self.callback_url(payment, account, &key),
                terms: parsed(profile.client.terms_url.as_deref()),
                agreement: parsed(profile.client.agreement_url.as_deref()),
            },
            callback_key: key,
        }
    }

    /// CONTRACT 4.4: where the provider sends the browser.
    fn return_url(&self, payment: &Payment, cancelled: bool) -> Url {
        let mut url = self.public_url.clone();
        let path = format!("capi/mcpay/payments/{}/return", payment.reference);
        extend_path(&mut url, &path);
        url.query_pairs_mut()
            .append_pair("k", &payment.return_key.0);
        if cancelled {
            url.query_pairs_mut().append_pair("via", "cancel");
        }
        url
    }

    /// CONTRACT 1: providers that sign nothing get the key in the path, the others in the request.
    pub(super) fn callback_url(
        &self,
        payment: &Payment,
        account: &StoredAccount,
        key: &secrecy::SecretString,
    ) -> Url {
        use mcpay_port::ProviderId;
        use secrecy::ExposeSecret as _;
        let mut url = self.public_url.clone();
        let provider = account.account.provider;
        let path = match provider {
            ProviderId::Payex => {
                format!(
                    "callbacks/{provider}/{}/{}",
                    payment.reference,
                    key.expose_secret()
                )
            }
            // It sends to registered addresses only (`register`), and reads none here.
            ProviderId::Vipps => format!("callbacks/{provider}"),
            ProviderId::Nexi => format!("callbacks/{provider}/{}", payment.reference),
        };
        extend_path(&mut url, &path);
        url
    }
}

/// The client's settings as they are now; a payment keeps them.
pub fn settlement_terms(profile: &ClientProfile) -> SettlementTerms {
    SettlementTerms {
        capture: profile.client.capture,
        // Longer than a century is for ever.
        claim_within: TimeDelta::from_std(profile.client.claim_within)
            .unwrap_or(TimeDelta::days(36_500)),
    }
}

fn describe(profile: &ClientProfile, terms: &Terms) -> String {
    let coupon = || {
        let coupon = terms
            .coupon
            .as_ref()
            .and_then(|named| profile.coupons.get(named))?;
        Some(coupon.description.clone())
    };
    terms
        .description
        .clone()
        .or_else(coupon)
        .unwrap_or_else(|| profile.client.name.clone())
}

fn parsed(url: Option<&str>) -> Option<Url> {
    url.and_then(|url| Url::parse(url).ok())
}

/// Joins `path` to a base that may itself end in a path.
pub(super) fn extend_path(url: &mut Url, path: &str) {
    let whole = format!("{}/{path}", url.path().trim_end_matches('/'));
    url.set_path(&whole);
}

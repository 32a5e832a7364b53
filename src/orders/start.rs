//! Start: the one payment of a set of orders. The set, the payment's intent and the orders' places
//! in the set are one transaction, so of those who race exactly one reaches the provider.

use async_trait::async_trait;
use mcpay_port::{Flow, Money, NextStep};

use super::enter::{FulfilmentStatus, Next, Visit};
use super::order::{Order, OrderSet, SetId, SetStatus};
use super::service::{OrderTrouble, Orders};
use crate::clients::{CapturePolicy, ClientProfile};
use crate::payments::intent::settlement_terms;
use crate::payments::payment::SettlementTerms;
use crate::payments::ports::{Begun, Intent, Opening};
use crate::payments::start::{InitiateError, InitiateOutcome, StartRequest};
use crate::payments::terms::{AgreementPrice, Terms};
use crate::ports::StoreError;

/// Longer texts are cut: the page of the provider is small.
const DESCRIPTION: usize = 100;

impl Orders {
    pub(super) async fn start(
        &self,
        visit: &Visit<'_>,
        orders: Vec<Order>,
    ) -> Result<Next, OrderTrouble> {
        let set = SetId(self.ids.uuid());
        let Some(terms) = self.terms_of(visit.profile, &orders, set) else {
            return Ok(Next::Back(FulfilmentStatus::Error));
        };
        let together = Together {
            orders: self,
            set,
            return_url: visit.back.to_string(),
            members: orders,
        };
        let request = StartRequest {
            profile: visit.profile.clone(),
            terms,
            user_agent: visit.user_agent.map(str::to_owned),
            settlement: SettlementTerms {
                capture: CapturePolicy::Immediate,
                ..settlement_terms(visit.profile)
            },
            claimed: true,
        };
        let status = match self.payments.open(request, &together).await {
            Ok((_, InitiateOutcome::Started { next, .. })) => match next {
                NextStep::Redirect(url) => return Ok(Next::Pay(url)),
                NextStep::Seamless(_) => FulfilmentStatus::Error,
            },
            Ok((_, InitiateOutcome::Unknown { .. })) => FulfilmentStatus::Unknown,
            Ok((_, InitiateOutcome::Refused(_) | InitiateOutcome::Unavailable)) => {
                self.follow(set).await?;
                FulfilmentStatus::Error
            }
            // The reference is made of a fresh id: it is one of the orders that is in use.
            Err(InitiateError::ReferenceUsed) => return Ok(Next::Again),
            Err(InitiateError::Store(error)) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(client = %visit.profile.client.code, %error, "no payment was begun");
                FulfilmentStatus::Error
            }
        };
        Ok(Next::Back(status))
    }

    /// What is to be paid; `None` for orders that cannot be paid, or not together (CONTRACT 5).
    fn terms_of(&self, profile: &ClientProfile, orders: &[Order], set: SetId) -> Option<Terms> {
        let (first, others) = orders.split_first()?;
        let fits = |order: &Order| {
            order.method == first.method && first.method.is_card() && !order.recurring
        };
        if !others.is_empty() && !orders.iter().all(fits) {
            return None;
        }
        let sum = |of: fn(&Order) -> Money| {
            others
                .iter()
                .try_fold(of(first), |sum, order| sum.checked_add(of(order)))
                .ok()
        };
        let coupon = first.coupon.as_ref().filter(|_| others.is_empty());
        let coupon = coupon.and_then(|named| profile.coupons.get(named));
        let agreement = if first.recurring {
            let coupon = coupon?;
            Some(AgreementPrice {
                amount: coupon.price,
                period: coupon.period,
            })
        } else {
            None
        };
        let back = self.own_url("login/fulfillment/back");
        Some(Terms {
            external_reference: format!("fulfillment-{set}"),
            method: first.method.payment_method()?,
            flow: Flow::Redirect,
            amount: sum(|order| order.amount)?,
            vat: sum(|order| order.vat)?,
            agreement,
            coupon: first.coupon.clone().filter(|_| coupon.is_some()),
            description: coupon.is_none().then(|| describe(orders)),
            phone_number: None,
            profile_scope: Vec::new(),
            return_url: Some(back.clone()),
            checkout_url: None,
            page_url: back,
        })
    }
}

/// The merchant's own ids, which the payer may know from the shop.
fn describe(orders: &[Order]) -> String {
    let ids = orders.iter().map(|order| {
        let own = order.external_id.clone();
        own.unwrap_or_else(|| order.id.to_string())
    });
    let ids: Vec<String> = ids.collect();
    ids.join(", ").chars().take(DESCRIPTION).collect()
}

/// Stores the set with the intent of its payment.
struct Together<'a> {
    orders: &'a Orders,
    set: SetId,
    return_url: String,
    members: Vec<Order>,
}

#[async_trait]
impl Opening for Together<'_> {
    async fn begin(&self, intent: &Intent) -> Result<Begun, StoreError> {
        let set = OrderSet {
            id: self.set,
            client: intent.payment.client.clone(),
            payment: intent.payment.reference,
            status: SetStatus::Open,
            return_url: Some(self.return_url.clone()),
            seen_version: intent.payment.version,
            created_at: intent.payment.created_at,
        };
        self.orders
            .store
            .begin_set(intent, &set, &self.members)
            .await
    }
}

//! A payment: what was asked for, and what has become of it. Amounts follow from what happened, so
//! they cannot contradict it.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_sandbox::Notifications;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::agreement::Wanted;
use super::cards::Used;
use super::checkout::Consumer;
use super::order::Order;
use super::webhooks::Webhook;

/// How long the payer can finish a checkout.
const SESSION: TimeDelta = TimeDelta::hours(48);

/// The form of all of the provider's ids: 32 hex digits, no hyphens.
pub(crate) fn new_id() -> String {
    Uuid::new_v4().simple().to_string()
}

pub(crate) struct Payment {
    pub(crate) id: String,
    /// The number of its account.
    pub(crate) account: usize,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) order: Order,
    pub(crate) my_reference: Option<String>,
    pub(crate) place: Place,
    /// Charge with the reservation.
    pub(crate) charges_at_once: bool,
    pub(crate) consumer: Consumer,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) wanted: Option<Wanted>,
    /// The agreement that the payer gave.
    pub(crate) agreement_id: Option<String>,
    pub(crate) paid: Option<Used>,
    pub(crate) cancelled: i64,
    pub(crate) charges: Vec<Charge>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) terminated_at: Option<DateTime<Utc>>,
    /// The 3-D Secure page that is waited for.
    pub(crate) challenge: Option<Challenge>,
    /// What the payer is told of the attempt before.
    pub(crate) last_failure: Option<&'static str>,
    /// When it was retrieved in the last hour.
    pub(crate) retrieved_at: VecDeque<DateTime<Utc>>,
    pub(crate) notifications: Notifications,
    pub(crate) auto_approve: bool,
}

/// Where the payer pays.
#[derive(Clone)]
pub(crate) enum Place {
    /// In the page of the shop.
    Embedded(Url),
    /// On the provider's own page.
    Hosted {
        return_url: Url,
        cancel_url: Option<Url>,
    },
    /// Nowhere: an agreement was charged.
    None,
}

pub(crate) struct Challenge {
    pub(crate) id: String,
    pub(crate) used: Used,
}

pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) items: Vec<Value>,
}

pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) charge_id: String,
    pub(crate) amount: i64,
    pub(crate) state: RefundState,
    pub(crate) changed_at: DateTime<Utc>,
    pub(crate) items: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundState {
    /// Until the clock shows this.
    Pending {
        until: DateTime<Utc>,
    },
    Completed,
    Failed,
    Cancelled,
}

impl RefundState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending { .. } => "Pending",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }
}

impl Payment {
    pub(crate) fn new(
        account: usize,
        at: DateTime<Utc>,
        order: Order,
        my_reference: Option<String>,
    ) -> Self {
        Self {
            id: new_id(),
            account,
            created_at: at,
            order,
            my_reference,
            place: Place::None,
            charges_at_once: true,
            consumer: Consumer::default(),
            webhooks: Vec::new(),
            wanted: None,
            agreement_id: None,
            paid: None,
            cancelled: 0,
            charges: Vec::new(),
            refunds: Vec::new(),
            terminated_at: None,
            challenge: None,
            last_failure: None,
            retrieved_at: VecDeque::new(),
            notifications: Notifications::default(),
            auto_approve: false,
        }
    }

    /// Whether the payer can still pay.
    pub(crate) fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.paid.is_none()
            && self.terminated_at.is_none()
            && now.signed_duration_since(self.created_at) <= SESSION
    }

    pub(crate) fn reserved(&self) -> i64 {
        self.paid.as_ref().map_or(0, |_| self.order.amount)
    }

    pub(crate) fn charged(&self) -> i64 {
        total(self.charges.iter().map(|charge| charge.amount))
    }

    pub(crate) fn refunded(&self) -> i64 {
        let done = |refund: &&Refund| refund.state == RefundState::Completed;
        total(self.refunds.iter().filter(done).map(|refund| refund.amount))
    }

    /// What is reserved and neither charged nor cancelled.
    pub(crate) fn uncharged(&self) -> i64 {
        let used = self.charged().saturating_add(self.cancelled);
        self.reserved().saturating_sub(used)
    }

    /// What of a charge is neither given back nor about to be.
    pub(crate) fn unrefunded(&self, charge: &Charge) -> i64 {
        let counts = |refund: &&Refund| {
            refund.charge_id == charge.id
                && matches!(
                    refund.state,
                    RefundState::Completed | RefundState::Pending { .. }
                )
        };
        let taken = self.refunds.iter().filter(counts);
        charge
            .amount
            .saturating_sub(total(taken.map(|refund| refund.amount)))
    }

    /// How the payment stands, for people.
    pub(crate) fn standing(&self, now: DateTime<Utc>) -> &'static str {
        match () {
            () if self.terminated_at.is_some() => "terminated",
            () if self.paid.is_none() && self.is_open(now) => "open",
            () if self.paid.is_none() => "expired",
            () if self.order.amount == 0 => "registered",
            () if self.cancelled == self.reserved() => "cancelled",
            () if self.charged() > 0 => "charged",
            () => "reserved",
        }
    }
}

fn total(amounts: impl Iterator<Item = i64>) -> i64 {
    amounts.fold(0, i64::saturating_add)
}

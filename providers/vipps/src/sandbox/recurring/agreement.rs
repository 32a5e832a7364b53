//! An agreement as the provider keeps it, with its charges.

use std::sync::{Arc, MutexGuard};

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::Currency;
use serde_json::Value;
use url::Url;

use super::FAMILY;
use super::charge::{Charge, Kind};
use super::pricing::{Interval, Pricing};
use crate::sandbox::api::Call;
use crate::sandbox::outcomes::{self, Decline};
use crate::sandbox::problem::Problem;
use crate::sandbox::state::{SharedAgreement, State, locked};
use crate::sandbox::visit::Visit;
use crate::sandbox::webhooks::{payload, sequences::Sequences};

/// A draft that nobody approves.
pub(crate) const OPEN_FOR: TimeDelta = TimeDelta::minutes(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Active,
    Stopped,
    Expired,
}

pub(crate) const STATUSES: [Status; 4] = [
    Status::Pending,
    Status::Active,
    Status::Stopped,
    Status::Expired,
];

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Stopped => "STOPPED",
            Self::Expired => "EXPIRED",
        }
    }
}

/// What every message about an agreement or its charges names.
pub(crate) struct Name {
    /// The Merchant-Serial-Number.
    pub(crate) unit: String,
    pub(crate) id: String,
    pub(crate) uuid: String,
    pub(crate) external_id: Option<String>,
    pub(crate) currency: Currency,
}

/// No `Debug`: it has the payer's phone number.
pub(crate) struct Agreement {
    pub(crate) name: Name,
    /// The secret in the address of its landing page.
    pub(crate) landing: String,
    pub(crate) status: Status,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) stopped_at: Option<DateTime<Utc>>,
    pub(crate) product_name: String,
    pub(crate) product_description: Option<String>,
    pub(crate) pricing: Pricing,
    pub(crate) interval: Option<Interval>,
    pub(crate) campaign: Option<Value>,
    /// Where the payer manages it.
    pub(crate) management_url: Url,
    pub(crate) is_auto_approved: bool,
    pub(crate) visit: Visit,
    pub(crate) charges: Vec<Charge>,
    pub(crate) sequences: Sequences,
}

impl Agreement {
    /// The merchant's own name of it.
    pub(crate) fn reference(&self) -> String {
        self.name
            .external_id
            .clone()
            .unwrap_or_else(|| self.name.id.clone())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.status == Status::Pending
    }

    pub(crate) fn expires_at(&self) -> DateTime<Utc> {
        self.created_at + OPEN_FOR
    }

    pub(crate) fn initial_charge(&self) -> Option<&Charge> {
        self.charges
            .iter()
            .find(|charge| charge.kind == Kind::Initial)
    }

    /// Lets the time that has passed take effect.
    pub(crate) fn settle(&mut self, state: &State) {
        if self.is_open() && state.now() >= self.expires_at() {
            self.end_unapproved(state, Status::Expired, "expired");
        }
        if self.is_open() {
            return;
        }
        for charge in &mut self.charges {
            charge.settle(state, &self.name);
        }
    }

    /// The payer approves.
    ///
    /// # Errors
    /// When the first payment is declined, which is the end of the agreement.
    pub(crate) fn approve(&mut self, state: &State) -> Result<(), Decline> {
        let decline = self
            .initial_charge()
            .and_then(|charge| outcomes::find_decline(charge.amount));
        if let Some(decline) = decline {
            self.decline(state, decline);
            return Err(decline);
        }
        self.activate(state);
        Ok(())
    }

    /// The agreement holds from now on, and its first payment is taken.
    pub(crate) fn activate(&mut self, state: &State) {
        self.status = Status::Active;
        self.started_at = Some(state.now());
        let unit = self.name.unit.clone();
        self.visit.approve(state, &unit, self.is_auto_approved);
        for charge in &mut self.charges {
            charge.take(state, &self.name);
        }
        payload::send_agreement(state, self, "activated", None);
    }

    /// The first payment is declined; without one the payer has only said no.
    pub(crate) fn decline(&mut self, state: &State, decline: Decline) {
        if self.charges.is_empty() {
            self.reject(state);
            return;
        }
        self.visit.alarm = Some(decline.text);
        for charge in &mut self.charges {
            charge.fail(state, &self.name, decline);
        }
        self.status = Status::Expired;
        payload::send_agreement(state, self, "expired", None);
    }

    /// The payer says no, also to what would be told about them.
    pub(crate) fn reject(&mut self, state: &State) {
        self.end_unapproved(state, Status::Stopped, "rejected");
    }

    fn end_unapproved(&mut self, state: &State, status: Status, what: &str) {
        self.status = status;
        if status == Status::Stopped {
            self.stopped_at = Some(state.now());
        }
        self.cancel_open_charges(state, what);
        payload::send_agreement(state, self, what, None);
    }

    /// The merchant ends it: what is not captured is cancelled with it.
    pub(crate) fn stop(&mut self, state: &State, key: &str) {
        self.end(state);
        self.cancel_open_charges(state, key);
        payload::send_agreement(state, self, "stopped", Some("MERCHANT"));
    }

    /// The payer ends it in the app: what is reserved is left to the merchant.
    pub(crate) fn withdraw(&mut self, state: &State) {
        self.end(state);
        self.cancel_charges(state, "stopped", |charge| {
            charge.is_open() && charge.status != super::charge::Status::Reserved
        });
        payload::send_agreement(state, self, "stopped", Some("USER"));
    }

    fn end(&mut self, state: &State) {
        self.status = Status::Stopped;
        self.stopped_at = Some(state.now());
    }

    fn cancel_open_charges(&mut self, state: &State, key: &str) {
        self.cancel_charges(state, key, Charge::is_open);
    }

    fn cancel_charges(&mut self, state: &State, key: &str, which: impl Fn(&Charge) -> bool) {
        for charge in self.charges.iter_mut().filter(|charge| which(charge)) {
            charge.carry_out(state, &self.name, super::charge::Change::Cancel, key);
        }
    }
}

/// The caller's agreement of this id.
///
/// # Errors
/// 404, also for another sales unit's.
pub(crate) fn get(call: &Call<'_>, id: &str) -> Result<SharedAgreement, Problem> {
    call.state
        .books(|books| books.find_agreement(call.unit(), id))
        .ok_or_else(|| Problem::not_found(FAMILY, "Agreement not found."))
}

/// As it stands now.
pub(crate) fn settled<'a>(
    call: &Call<'_>,
    shared: &'a SharedAgreement,
) -> MutexGuard<'a, Agreement> {
    let mut agreement = locked(shared);
    agreement.settle(call.state);
    agreement
}

/// Lets time take effect at a moment, also when nobody asks.
pub(crate) fn wake(state: &Arc<State>, shared: &SharedAgreement, at: DateTime<Utc>) {
    let (later, shared) = (Arc::clone(state), Arc::downgrade(shared));
    state.stage.tasks.spawn(async move {
        later.stage.clock.sleep_until(at).await;
        if let Some(shared) = shared.upgrade() {
            locked(&shared).settle(&later);
        }
    });
}

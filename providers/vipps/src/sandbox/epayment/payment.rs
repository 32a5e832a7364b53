//! A payment as the provider keeps it: its state, its event log, and the arithmetic of what is left
//! to capture, cancel and refund.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::Currency;
use serde_json::Value;
use uuid::Uuid;

use crate::sandbox::outcomes::{self, Decline};
use crate::sandbox::state::{SharedPayment, State, locked};
use crate::sandbox::visit::Visit;
use crate::sandbox::webhooks::{self, sequences::Sequences};

/// Five minutes on the landing page and five in the app.
pub(crate) const OPEN_FOR: TimeDelta = TimeDelta::minutes(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Created,
    Authorized,
    Aborted,
    Expired,
    Terminated,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Authorized => "AUTHORIZED",
            Self::Aborted => "ABORTED",
            Self::Expired => "EXPIRED",
            Self::Terminated => "TERMINATED",
        }
    }
}

/// Something that happened, as the log and the webhooks tell it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    pub(crate) amount: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) key: Option<String>,
    pub(crate) psp_reference: String,
    pub(crate) success: bool,
}

/// No `Debug`: it has the payer's phone number.
pub(crate) struct Payment {
    /// The Merchant-Serial-Number.
    pub(crate) unit: String,
    pub(crate) reference: String,
    pub(crate) psp_reference: String,
    /// The secret in the address of its landing page.
    pub(crate) landing: String,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Option<Value>,
    pub(crate) status: Status,
    pub(crate) authorized: i64,
    pub(crate) captured: i64,
    pub(crate) cancelled: i64,
    pub(crate) refunded: i64,
    pub(crate) authorized_at: Option<DateTime<Utc>>,
    pub(crate) expires_at: DateTime<Utc>,
    /// A capture of the amount that fails once has failed.
    pub(crate) has_failed_capture: bool,
    /// The payer approves by itself.
    pub(crate) is_auto_approved: bool,
    pub(crate) visit: Visit,
    pub(crate) events: Vec<Event>,
    pub(crate) create_key: String,
    pub(crate) sequences: Sequences,
}

impl Payment {
    pub(crate) fn left_to_capture(&self) -> i64 {
        self.authorized - self.captured - self.cancelled
    }

    pub(crate) fn left_to_refund(&self) -> i64 {
        self.captured - self.refunded
    }

    pub(crate) fn is_open(&self) -> bool {
        self.status == Status::Created
    }

    /// Logs an event and tells it to whoever registered for it.
    pub(crate) fn note(
        &mut self,
        state: &State,
        name: &'static str,
        amount: i64,
        key: Option<&str>,
        success: bool,
    ) {
        let is_first = self.events.is_empty();
        self.events.push(Event {
            name,
            amount,
            at: state.now(),
            key: key.map(str::to_owned),
            psp_reference: if is_first {
                Uuid::new_v4().to_string()
            } else {
                state.next_number()
            },
            success,
        });
        webhooks::payload::send_payment(state, self);
    }

    /// Lets the time that has passed take effect.
    pub(crate) fn settle(&mut self, state: &State) {
        if self.is_open() && state.now() >= self.expires_at {
            self.status = Status::Expired;
            self.note(state, "EXPIRED", self.amount, None, true);
        }
    }

    /// The payer approves.
    ///
    /// # Errors
    /// When the bank says no: the payment stays open.
    pub(crate) fn approve(&mut self, state: &State) -> Result<(), Decline> {
        if let Some(decline) = outcomes::find_decline(self.amount) {
            self.decline(state, decline);
            return Err(decline);
        }
        self.authorize(state);
        Ok(())
    }

    /// The money is reserved.
    pub(crate) fn authorize(&mut self, state: &State) {
        let at_once = self.is_auto_approved;
        self.status = Status::Authorized;
        self.authorized = self.amount;
        self.authorized_at = Some(state.now());
        self.visit.alarm = None;
        let unit = self.unit.clone();
        self.visit.approve(state, &unit, at_once);
        let key = self.create_key.clone();
        self.note(state, "AUTHORIZED", self.amount, Some(&key), true);
    }

    /// The payer tried, and was declined; another card may do.
    pub(crate) fn decline(&mut self, state: &State, decline: Decline) {
        self.visit.alarm = Some(decline.text);
        let key = self.create_key.clone();
        self.note(state, "AUTHORIZED", self.amount, Some(&key), false);
    }

    /// The payer gives up, or does not consent.
    pub(crate) fn abort(&mut self, state: &State) {
        self.status = Status::Aborted;
        let key = self.create_key.clone();
        self.note(state, "ABORTED", self.amount, Some(&key), true);
    }
}

/// Expires the payment when its time has come, also when nobody asks.
pub(crate) fn watch(state: &Arc<State>, shared: &SharedPayment) {
    let expires_at = locked(shared).expires_at;
    let (state_then, shared) = (Arc::clone(state), Arc::downgrade(shared));
    state.stage.tasks.spawn(async move {
        state_then.stage.clock.sleep_until(expires_at).await;
        if let Some(shared) = shared.upgrade() {
            locked(&shared).settle(&state_then);
        }
    });
}

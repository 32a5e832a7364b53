//! A charge of an agreement as the provider keeps it: its status, its history, and the arithmetic
//! of what is left to capture and refund.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::agreement::Name;
use crate::sandbox::outcomes::{self, Decline};
use crate::sandbox::state::State;
use crate::sandbox::webhooks::{payload::send_charge, sequences::Sequences};

/// A charge is shown to the payer from so many days before it is due.
const SHOWN_BEFORE: TimeDelta = TimeDelta::days(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Initial,
    Recurring,
    Unscheduled,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Initial => "INITIAL",
            Self::Recurring => "RECURRING",
            Self::Unscheduled => "UNSCHEDULED",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Due,
    Reserved,
    PartiallyCaptured,
    Charged,
    Failed,
    Cancelled,
    PartiallyRefunded,
    Refunded,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Due => "DUE",
            Self::Reserved => "RESERVED",
            Self::PartiallyCaptured => "PARTIALLY_CAPTURED",
            Self::Charged => "CHARGED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::PartiallyRefunded => "PARTIALLY_REFUNDED",
            Self::Refunded => "REFUNDED",
        }
    }
}

/// Something that happened to a charge.
pub(crate) struct Past {
    pub(crate) at: DateTime<Utc>,
    pub(crate) event: &'static str,
    pub(crate) amount: i64,
    pub(crate) key: String,
    pub(crate) success: bool,
}

/// A change of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Capture(i64),
    Refund(i64),
    Cancel,
}

/// A change that was accepted and is not yet carried out.
pub(crate) struct Accepted {
    pub(crate) at: DateTime<Utc>,
    pub(crate) change: Change,
    pub(crate) key: String,
}

pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) external_id: Option<String>,
    pub(crate) amount: i64,
    pub(crate) description: String,
    pub(crate) due: NaiveDate,
    pub(crate) retry_days: i64,
    pub(crate) kind: Kind,
    pub(crate) captures_at_once: bool,
    pub(crate) status: Status,
    pub(crate) transaction_id: Option<String>,
    pub(crate) captured: i64,
    pub(crate) refunded: i64,
    pub(crate) cancelled: i64,
    pub(crate) failure: Option<Decline>,
    pub(crate) has_failed_capture: bool,
    pub(crate) history: Vec<Past>,
    pub(crate) accepted: Vec<Accepted>,
    pub(crate) sequences: Sequences,
}

/// Midnight in UTC: on the sandbox's clock a day has come when it begins.
pub(crate) fn begins_at(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

impl Charge {
    /// The merchant's own name of it.
    pub(crate) fn reference(&self) -> String {
        self.external_id.clone().unwrap_or_else(|| self.id.clone())
    }

    /// Whether a merchant's stop cancels it.
    pub(crate) fn is_open(&self) -> bool {
        matches!(
            self.status,
            Status::Pending | Status::Due | Status::Reserved
        )
    }

    /// What may still be captured, without what was accepted.
    pub(crate) fn left_to_capture(&self) -> i64 {
        let accepted: i64 = self
            .accepted
            .iter()
            .map(|accepted| match accepted.change {
                Change::Capture(amount) => amount,
                Change::Cancel => self.amount,
                Change::Refund(_) => 0,
            })
            .sum();
        (self.amount - self.captured - self.cancelled - accepted).max(0)
    }

    /// What may still be refunded, without what was accepted.
    pub(crate) fn left_to_refund(&self) -> i64 {
        let accepted: i64 = self
            .accepted
            .iter()
            .filter_map(|accepted| match accepted.change {
                Change::Refund(amount) => Some(amount),
                Change::Capture(_) | Change::Cancel => None,
            })
            .sum();
        self.captured - self.refunded - accepted
    }

    pub(crate) fn note(
        &mut self,
        at: DateTime<Utc>,
        event: &'static str,
        amount: i64,
        key: &str,
        success: bool,
    ) {
        let key = key.to_owned();
        self.history.push(Past {
            at,
            event,
            amount,
            key,
            success,
        });
    }

    /// Lets the time that has passed take effect: what was accepted, and the due date.
    pub(crate) fn settle(&mut self, state: &State, name: &Name) {
        let now = state.now();
        let (ripe, later) = std::mem::take(&mut self.accepted)
            .into_iter()
            .partition::<Vec<_>, _>(|accepted| accepted.at <= now);
        self.accepted = later;
        for accepted in ripe {
            self.carry_out(state, name, accepted.change, &accepted.key);
        }
        let due_at = begins_at(self.due);
        if self.status == Status::Pending && due_at - SHOWN_BEFORE <= now {
            self.status = Status::Due;
        }
        if self.status != Status::Due || now < due_at {
            return;
        }
        match outcomes::find_decline(self.amount) {
            Some(decline) if now >= self.fails_at() => self.fail(state, name, decline),
            Some(_) => {}
            None => self.take(state, name),
        }
    }

    /// When the last try was made in vain.
    pub(crate) fn fails_at(&self) -> DateTime<Utc> {
        begins_at(self.due) + TimeDelta::days(self.retry_days)
    }

    /// Reserves the money, and captures it where that was asked for.
    pub(crate) fn take(&mut self, state: &State, name: &Name) {
        let (now, amount) = (state.now(), self.amount);
        let key = self.system_key(name);
        let what = if self.captures_at_once {
            self.note(now, "CAPTURE", amount, &key, true);
            self.captured = amount;
            self.status = Status::Charged;
            self.transaction_id = Some(state.next_number());
            "captured"
        } else {
            self.note(now, "RESERVE", amount, &key, true);
            self.status = Status::Reserved;
            "reserved"
        };
        send_charge(state, name, self, what);
    }

    pub(crate) fn fail(&mut self, state: &State, name: &Name, decline: Decline) {
        let key = self.system_key(name);
        self.note(state.now(), "FAIL", self.amount, &key, false);
        self.failure = Some(decline);
        self.status = Status::Failed;
        send_charge(state, name, self, "failed");
    }

    /// What the provider does by itself has a key of its own making.
    fn system_key(&self, name: &Name) -> String {
        format!("{}-{}-ProcessPayment", self.id, name.id)
    }

    pub(crate) fn carry_out(&mut self, state: &State, name: &Name, change: Change, key: &str) {
        let now = state.now();
        let what = match change {
            Change::Capture(amount) => {
                self.captured = self.captured.saturating_add(amount);
                self.note(now, "CAPTURE", amount, key, true);
                self.status = self.status_after_capture();
                "captured"
            }
            Change::Refund(amount) => {
                self.refunded = self.refunded.saturating_add(amount);
                self.note(now, "REFUND", amount, key, true);
                self.status = if self.refunded == self.captured {
                    Status::Refunded
                } else {
                    Status::PartiallyRefunded
                };
                "refunded"
            }
            Change::Cancel => {
                let rest = self.amount - self.captured - self.cancelled;
                self.cancelled = self.cancelled.saturating_add(rest);
                self.note(now, "CANCEL", rest, key, true);
                self.status = if self.captured > 0 {
                    Status::Charged
                } else {
                    Status::Cancelled
                };
                "canceled"
            }
        };
        if self.status == Status::Charged && self.transaction_id.is_none() {
            self.transaction_id = Some(state.next_number());
        }
        send_charge(state, name, self, what);
    }

    fn status_after_capture(&self) -> Status {
        if self.captured + self.cancelled == self.amount {
            Status::Charged
        } else {
            Status::PartiallyCaptured
        }
    }
}

//! How the relay is doing: what readiness and metrics read without any I/O.
//!
//! What must never live here: the address or the credentials of the broker.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// A snapshot of the relay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayStatus {
    /// Connected to the broker, with exchange and queues declared.
    pub connected: bool,
    /// This instance is the one that publishes; the others stand by.
    pub active: bool,
    /// Committed events that wait for the broker; `None` until they were counted once. Counted
    /// every few seconds.
    pub backlog: Option<i64>,
    pub last_published_at: Option<DateTime<Utc>>,
    /// What holds publishing up at present.
    pub problem: Option<Problem>,
}

/// Why events cannot be published at present. Its `Display` is a sentence for the operator that
/// names the remedy and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("The broker cannot be reached or broke the connection ({0}). It is tried again.")]
    Unreachable(String),
    #[error(
        "The broker refused this service ({0}). Check user, password and virtual host in AMQP_URL, \
         and that the user may configure, write and read the exchange and its queues."
    )]
    Refused(String),
    #[error(
        "An exchange or queue of that name exists with other arguments ({0}). Either let its \
         consumers empty it and delete it, and it is declared anew within a minute; or configure \
         another name."
    )]
    OtherArguments(String),
    #[error(
        "The broker could not route an event to any queue ({0}). The queue and its binding are \
         declared again, then the event is sent again."
    )]
    Unroutable(String),
    #[error(
        "The broker did not accept an event. Is the queue full, or short of replicas? The event is \
         sent again."
    )]
    NotAccepted,
    #[error("The broker did not confirm within {} s. Unconfirmed events are sent again.", .0.as_secs())]
    Unconfirmed(Duration),
    #[error(
        "The broker takes no messages at present: it is short of memory or disk space. Publishing \
         goes on when it has recovered."
    )]
    Blocked,
}

impl Problem {
    /// True when only a person can remove it, so that asking often would only fill logs.
    pub(super) const fn needs_a_person(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::OtherArguments(_))
    }

    /// True when both are the same kind of trouble, whatever the broker's words.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl From<lapin::Error> for Problem {
    fn from(error: lapin::Error) -> Self {
        if let lapin::ErrorKind::ProtocolError(refusal) = error.kind() {
            let words = refusal.get_message().to_string();
            // Reply codes of AMQP 0-9-1: 403 access-refused, 406 precondition-failed,
            // 530 not-allowed (for example an unknown virtual host).
            return match refusal.get_id() {
                403 | 530 => Self::Refused(words),
                406 => Self::OtherArguments(words),
                _ => Self::Unreachable(words),
            };
        }
        Self::Unreachable(error.to_string())
    }
}

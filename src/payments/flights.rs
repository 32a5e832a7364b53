//! Shared inquiries (CONTRACT 8.10): all who ask about a payment at once wait for one inquiry, and
//! a result that is young enough is reused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mcpay_port::PaymentRef;

/// When the last inquiry of a payment ended; held locked while one runs.
type Flight = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// Above this many, those that nobody waits for and that are old are forgotten.
const KEPT: usize = 10_000;
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<PaymentRef, Flight>>);

impl Flights {
    /// The lock under which `payment` is inquired about.
    pub(super) fn of(&self, payment: PaymentRef) -> Flight {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flights.len() >= KEPT {
            flights.retain(|_, flight| {
                Arc::strong_count(flight) > 1
                    || flight
                        .try_lock()
                        .is_ok_and(|last| last.is_some_and(|at| at.elapsed() < FORGOTTEN_AFTER))
            });
        }
        Arc::clone(flights.entry(payment).or_default())
    }
}

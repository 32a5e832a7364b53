//! Shared inquiries (CONTRACT 8.10): all who ask about a payment at once wait for one inquiry, and
//! a result that is young enough is reused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mcpay_port::PaymentRef;

/// When the last inquiry of a payment began; held locked while one runs.
type Flight = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// The first sweep; later ones come when twice as many are kept as the last one left.
const FIRST_SWEEP: usize = 10_000;
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

pub(super) struct Flights(Mutex<Kept>);

struct Kept {
    flights: HashMap<PaymentRef, Flight>,
    sweep_at: usize,
}

impl Default for Flights {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            flights: HashMap::new(),
            sweep_at: FIRST_SWEEP,
        }))
    }
}

impl Flights {
    /// The lock under which `payment` is inquired about.
    pub(super) fn of(&self, payment: PaymentRef) -> Flight {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.flights.len() >= kept.sweep_at {
            kept.flights.retain(|_, flight| is_wanted(flight));
            kept.sweep_at = kept.flights.len().saturating_mul(2).max(FIRST_SWEEP);
        }
        Arc::clone(kept.flights.entry(payment).or_default())
    }
}

fn is_wanted(flight: &Flight) -> bool {
    let is_young = |last: &Option<Instant>| last.is_some_and(|at| at.elapsed() < FORGOTTEN_AFTER);
    Arc::strong_count(flight) > 1 || flight.try_lock().is_ok_and(|last| is_young(&last))
}

//! Everything that the sandbox remembers, and for how long.
//!
//! Locks: the maps are held only to look something up; the work on a payment holds that payment's
//! own lock. While a payment is locked the maps may be taken, never the other way round. No lock is
//! held across an await.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use mcpay_sandbox::Stage;
pub(crate) use mcpay_sandbox::locked;

use super::agreement::Agreements;
use super::payment::Payment;
use super::replays::Replays;
use super::rules::Rules;
use super::{SandboxAccount, SandboxOptions, refund};

/// The oldest payments are forgotten beyond this many, so that a load test does not fill the
/// memory.
const PAYMENTS_KEPT: usize = 100_000;

pub(crate) type SharedPayment = Arc<Mutex<Payment>>;

#[derive(Default)]
struct Payments {
    by_id: HashMap<String, SharedPayment>,
    /// Payments by the ids of their charges and refunds.
    by_part: HashMap<String, SharedPayment>,
    /// Payments of one `myReference`, oldest first.
    by_reference: HashMap<String, Vec<SharedPayment>>,
    oldest_first: VecDeque<String>,
}

pub(crate) struct State {
    pub(crate) stage: Stage,
    pub(crate) accounts: Vec<SandboxAccount>,
    /// `public_url` without the slash at its end.
    pub(crate) base: String,
    /// The path of `public_url`, for links that stay right under any host name.
    pub(crate) base_path: String,
    payments: Mutex<Payments>,
    pub(crate) agreements: Mutex<Agreements>,
    pub(crate) replays: Replays,
    pub(crate) rules: Mutex<Rules>,
}

impl State {
    pub(crate) fn new(options: SandboxOptions) -> Self {
        Self {
            stage: Stage::new(options.http, options.retry_second),
            accounts: options.accounts,
            base: options.public_url.as_str().trim_end_matches('/').to_owned(),
            base_path: options.public_url.path().trim_end_matches('/').to_owned(),
            payments: Mutex::default(),
            agreements: Mutex::default(),
            replays: Replays::default(),
            rules: Mutex::default(),
        }
    }

    /// Ids are taken with and without hyphens.
    pub(crate) fn find_payment(&self, id: &str) -> Option<SharedPayment> {
        let id = id.replace('-', "").to_ascii_lowercase();
        locked(&self.payments).by_id.get(&id).cloned()
    }

    /// The payment of a charge or a refund.
    pub(crate) fn find_by_part(&self, id: &str) -> Option<SharedPayment> {
        let id = id.replace('-', "").to_ascii_lowercase();
        locked(&self.payments).by_part.get(&id).cloned()
    }

    /// Payments of one `myReference`, or `order.reference` where there is none; oldest first.
    pub(crate) fn payments_of(&self, reference: &str) -> Vec<SharedPayment> {
        let payments = locked(&self.payments);
        let found = payments.by_reference.get(reference);
        found.cloned().unwrap_or_default()
    }

    /// Keeps a new payment, and forgets the oldest when there are too many.
    pub(crate) fn keep(&self, payment: Payment) -> SharedPayment {
        let id = payment.id.clone();
        let reference = payment
            .my_reference
            .clone()
            .or(payment.order.reference.clone());
        let shared = Arc::new(Mutex::new(payment));
        let mut payments = locked(&self.payments);
        payments.by_id.insert(id.clone(), Arc::clone(&shared));
        if let Some(reference) = reference {
            let same = payments.by_reference.entry(reference).or_default();
            same.push(Arc::clone(&shared));
        }
        payments.oldest_first.push_back(id);
        if payments.oldest_first.len() > PAYMENTS_KEPT
            && let Some(oldest) = payments.oldest_first.pop_front()
            && let Some(oldest) = payments.by_id.remove(&oldest)
        {
            payments.by_part.retain(|_, of| !Arc::ptr_eq(of, &oldest));
            payments.by_reference.retain(|_, same| {
                same.retain(|other| !Arc::ptr_eq(other, &oldest));
                !same.is_empty()
            });
        }
        shared
    }

    /// Makes a payment findable by a charge or refund of it.
    pub(crate) fn note_part(&self, part: &str, payment: &str) {
        let mut payments = locked(&self.payments);
        if let Some(shared) = payments.by_id.get(payment).cloned() {
            payments.by_part.insert(part.to_owned(), shared);
        }
    }

    /// Works on a payment as it is by now: refunds that are due are carried out first.
    pub(crate) fn with<T>(
        &self,
        shared: &SharedPayment,
        work: impl FnOnce(&mut Payment) -> T,
    ) -> T {
        let mut payment = locked(shared);
        refund::settle(self, &mut payment);
        work(&mut payment)
    }
}

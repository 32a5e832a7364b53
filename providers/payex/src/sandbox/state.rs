//! Everything that the sandbox remembers, and for how long.
//!
//! Locks: the maps are held only to look something up; the work on an order holds that order's own
//! lock. While an order is locked the maps may be taken, never the other way round. No lock is
//! held across an await.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::Utc;
use mcpay_sandbox::Stage;
pub(crate) use mcpay_sandbox::locked;
use uuid::Uuid;

use super::SandboxOptions;
use super::order::Order;
use super::problems::{Entry, Problem};
use super::rules::Rules;
use super::tokens::Tokens;

/// The oldest orders are forgotten beyond this many, so that a load test does not fill the memory.
const ORDERS_KEPT: usize = 100_000;

pub(crate) type SharedOrder = Arc<Mutex<Order>>;

#[derive(Default)]
struct Orders {
    by_id: HashMap<Uuid, SharedOrder>,
    by_view_token: HashMap<String, SharedOrder>,
    /// Orders of one `orderReference`, oldest first.
    by_reference: HashMap<String, Vec<SharedOrder>>,
    oldest_first: VecDeque<Uuid>,
}

pub(crate) struct State {
    pub(crate) stage: Stage,
    pub(crate) rules: Mutex<Rules>,
    /// Accounts: payee id and access token.
    pub(crate) payees: Vec<(String, String)>,
    /// `public_url` without the slash at its end.
    pub(crate) base: String,
    /// The path of `public_url`, for links that stay right under any host name.
    pub(crate) base_path: String,
    orders: Mutex<Orders>,
    /// `payeeReference`s that were used, each with its account.
    references: Mutex<HashSet<(String, String)>>,
    pub(crate) tokens: Mutex<Tokens>,
    number: AtomicI64,
}

impl State {
    pub(crate) fn new(options: SandboxOptions) -> Self {
        let base = options.public_url.as_str().trim_end_matches('/').to_owned();
        let base_path = options.public_url.path().trim_end_matches('/').to_owned();
        // Eleven digits, and higher after a restart, as the real ones are.
        let number = 40_000_000_000 + Utc::now().timestamp().rem_euclid(1_000_000_000);
        Self {
            stage: Stage::new(options.http, options.retry_second),
            rules: Mutex::default(),
            payees: options.payees,
            base,
            base_path,
            orders: Mutex::default(),
            references: Mutex::default(),
            tokens: Mutex::default(),
            number: AtomicI64::new(number),
        }
    }

    /// The next number: one counter over attempts and transactions.
    pub(crate) fn next_number(&self) -> i64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn find_order(&self, id: Uuid) -> Option<SharedOrder> {
        locked(&self.orders).by_id.get(&id).cloned()
    }

    pub(crate) fn find_by_view_token(&self, token: &str) -> Option<SharedOrder> {
        locked(&self.orders).by_view_token.get(token).cloned()
    }

    /// Orders of one `orderReference`, oldest first.
    pub(crate) fn orders_of(&self, reference: &str) -> Vec<SharedOrder> {
        locked(&self.orders)
            .by_reference
            .get(reference)
            .cloned()
            .unwrap_or_default()
    }

    /// Keeps a new order, and forgets the oldest when there are too many.
    pub(crate) fn keep(&self, order: Order) -> SharedOrder {
        let (id, token) = (order.id, order.view_token.clone());
        let reference = order.merchant_reference.clone();
        let shared = Arc::new(Mutex::new(order));
        let forgotten = {
            let mut orders = locked(&self.orders);
            orders.by_id.insert(id, Arc::clone(&shared));
            orders.by_view_token.insert(token, Arc::clone(&shared));
            if let Some(reference) = reference {
                orders
                    .by_reference
                    .entry(reference)
                    .or_default()
                    .push(Arc::clone(&shared));
            }
            orders.oldest_first.push_back(id);
            if orders.oldest_first.len() > ORDERS_KEPT {
                orders
                    .oldest_first
                    .pop_front()
                    .and_then(|oldest| orders.by_id.remove(&oldest))
            } else {
                None
            }
        };
        if let Some(forgotten) = forgotten {
            self.forget(&forgotten);
        }
        shared
    }

    fn forget(&self, shared: &SharedOrder) {
        let order = locked(shared);
        let mut orders = locked(&self.orders);
        orders.by_view_token.remove(&order.view_token);
        if let Some(reference) = &order.merchant_reference
            && let Some(others) = orders.by_reference.get_mut(reference)
        {
            others.retain(|other| !Arc::ptr_eq(other, shared));
            if others.is_empty() {
                orders.by_reference.remove(reference);
            }
        }
        drop(orders);
        let mut references = locked(&self.references);
        for used in order.used_references.iter().chain([&order.payee_reference]) {
            references.remove(&(order.payee_id.clone(), used.clone()));
        }
    }

    /// Uses up a `payeeReference` of an account.
    ///
    /// # Errors
    /// The refusal of a reference that has been used before: it is refused, never replayed.
    pub(crate) fn use_reference(
        &self,
        payee_id: &str,
        reference: &str,
        field: &str,
    ) -> Result<(), Problem> {
        let fresh = locked(&self.references).insert((payee_id.to_owned(), reference.to_owned()));
        if fresh {
            return Ok(());
        }
        Err(Problem::input(vec![Entry::new(
            field,
            format!(
                "The given PayeeReference has already been used for another payment ({reference})."
            ),
        )]))
    }
}

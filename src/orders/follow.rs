//! Follow: brings a set of orders in line with its payment. Safe to repeat and to run in several
//! places at once: a set ends once, and its events are told once.

use super::order::{Bundle, Order, SetId, SetStatus};
use super::ports::OrderChange;
use super::service::{OrderTrouble, Orders, TRIES};
use super::state::{self, Step};
use super::tell::Circumstances;
use crate::events::Event;
use crate::payments::ports::{Change, Saved};
use crate::ports::StoreError;

impl Orders {
    /// How the set stands after looking at its payment as stored. Nobody is asked.
    pub async fn follow(&self, set: SetId) -> Result<Bundle, OrderTrouble> {
        for _ in 0..TRIES {
            let bundle = self.get_bundle(set).await?;
            if bundle.set.status != SetStatus::Open {
                return Ok(bundle);
            }
            let payment = self.payments.get_payment(bundle.set.payment).await?;
            let step = state::apply(&bundle, &payment, self.clock.now());
            if step.bundle == bundle {
                return Ok(bundle);
            }
            let change = self.change_of(&bundle, step);
            if self.save(&change).await? == Saved::Saved {
                return self.get_bundle(set).await;
            }
        }
        Err(OrderTrouble::overtaken())
    }

    /// Follows up to `limit` sets whose payments have changed; answers how many there were.
    pub async fn follow_changed(&self, limit: i64) -> Result<usize, StoreError> {
        let sets = self.store.find_sets_to_follow(limit).await?;
        for set in &sets {
            match self.follow(*set).await {
                Ok(_) => {}
                Err(OrderTrouble::Store(error)) => return Err(error),
                Err(error) => tracing::warn!(set = %set, %error, "orders could not be followed"),
            }
        }
        Ok(sets.len())
    }

    fn change_of(&self, before: &Bundle, step: Step) -> OrderChange {
        let now = self.clock.now();
        let circumstances = Circumstances {
            payment: Some(before.set.payment),
            reason: step.reason,
        };
        let mut orders: Vec<Order> = step.bundle.orders;
        let mut events: Vec<Event> = Vec::new();
        if let Some(kind) = step.event {
            for order in &mut orders {
                events.push(order.tell(kind, circumstances, self.ids.uuid(), now));
            }
        }
        orders.retain(|order| !before.orders.contains(order));
        OrderChange {
            set: Some(step.bundle.set),
            orders,
            payment: step.freed.map(Change::of),
            call_back: None,
            events,
            at: now,
        }
    }

    /// Saves a change and wakes whoever publishes its events.
    pub(super) async fn save(&self, change: &OrderChange) -> Result<Saved, StoreError> {
        let saved = self.store.save_orders(change).await?;
        if saved == Saved::Saved && !change.events.is_empty() {
            self.events_written.wake();
        }
        Ok(saved)
    }
}

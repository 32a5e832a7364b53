//! Complete: a backend completes an order without a browser (CONTRACT 5). Repeating it is harmless.

use std::time::{Duration, Instant};

use super::order::{Bundle, Order, OrderId, OrderStatus, SetId, SetStatus};
use super::ports::OrderChange;
use super::service::{OrderTrouble, Orders, TRIES};
use super::tell::Circumstances;
use crate::clients::ClientProfile;
use crate::clients::origin::{is_allowed, read_url};
use crate::events::{Event, EventType};
use crate::payments::ports::Saved;
use crate::payments::terms::FieldError;

/// How long an answer waits for the money.
const PATIENCE: Duration = Duration::from_secs(5);
/// Another process may have done it, which wakes nobody here.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How a completion went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    Fulfilled,
    /// It is not complete; a sentence that says why.
    Not(&'static str),
}

impl Orders {
    /// Completes the order, and remembers the address to be called once it has ended.
    pub async fn complete(
        &self,
        profile: &ClientProfile,
        id: OrderId,
        call_back: Option<&str>,
    ) -> Result<Completion, OrderTrouble> {
        if let Some(text) = call_back {
            check_call_back(profile, text).map_err(|error| OrderTrouble::Fields(vec![error]))?;
        }
        let call_back = call_back.map(|url| (id, url.to_owned()));
        for _ in 0..TRIES {
            let order = self.get_order(&profile.client.code, id).await?;
            let mut change = OrderChange {
                call_back: call_back.clone(),
                ..self.no_change()
            };
            if order.status == OrderStatus::Preliminary && order.set.is_none() {
                if !may_be_completed(&order) {
                    let why = format!(
                        "The order is to be paid by {} and has no payment; send the payer to the \
                         fulfilment page, or register it with its mcPayRef.",
                        order.method.as_str()
                    );
                    return Err(OrderTrouble::StateConflict(why));
                }
                let (order, event) = self.fulfilled(order);
                change.orders.push(order);
                change.events.push(event);
                if self.save(&change).await? == Saved::Saved {
                    return Ok(Completion::Fulfilled);
                }
                continue;
            }
            if call_back.is_some() {
                self.save(&change).await?;
            }
            let status = match order.set {
                Some(set) if order.status == OrderStatus::Preliminary => {
                    let bundle = self.settle(set).await?;
                    status_in(&bundle, id)
                }
                _ => order.status,
            };
            return Ok(completion_of(status));
        }
        Err(OrderTrouble::overtaken())
    }

    /// Follows a set whose payment is authorised until the money is taken, for a few seconds.
    pub(super) async fn settle(&self, set: SetId) -> Result<Bundle, OrderTrouble> {
        let mut listener = self.events_written.listen();
        let begun = Instant::now();
        loop {
            let bundle = self.follow(set).await?;
            if bundle.set.status != SetStatus::Open || begun.elapsed() >= PATIENCE {
                return Ok(bundle);
            }
            let payment = self.payments.get_payment(bundle.set.payment).await?;
            if payment.status.is_pending() {
                return Ok(bundle);
            }
            // Woken or not: it is looked at again.
            let _ = tokio::time::timeout(LOOK_AGAIN, listener.woken()).await;
        }
    }

    /// The order as it is once it is complete, and the event that tells so.
    pub(super) fn fulfilled(&self, mut order: Order) -> (Order, Event) {
        let now = self.clock.now();
        order.status = OrderStatus::Fulfilled;
        order.ended_at = Some(now);
        let event = order.tell(
            EventType::OrderFulfilled,
            Circumstances::default(),
            self.ids.uuid(),
            now,
        );
        (order, event)
    }

    pub(super) fn no_change(&self) -> OrderChange {
        OrderChange {
            set: None,
            orders: Vec::new(),
            payment: None,
            call_back: None,
            events: Vec::new(),
            at: self.clock.now(),
        }
    }
}

/// Whether an order without a set is complete when its merchant says so.
pub(super) const fn may_be_completed(order: &Order) -> bool {
    order.prepaid || order.method.needs_no_payment()
}

fn status_in(bundle: &Bundle, id: OrderId) -> OrderStatus {
    let order = bundle.orders.iter().find(|order| order.id == id);
    order.map_or(OrderStatus::Preliminary, |order| order.status)
}

const fn completion_of(status: OrderStatus) -> Completion {
    match status {
        OrderStatus::Fulfilled => Completion::Fulfilled,
        OrderStatus::Failed => Completion::Not("The provider refused to capture the payment."),
        OrderStatus::Cancelled => Completion::Not("The payment of the order was cancelled."),
        OrderStatus::Preliminary => Completion::Not(
            "The order waits for its payment and is completed by itself once the money is taken.",
        ),
    }
}

fn check_call_back(profile: &ClientProfile, text: &str) -> Result<(), FieldError> {
    const FIELD: &str = "callbackUrl";
    let url = read_url(text)
        .map_err(|problem| FieldError::new(FIELD, "invalid", format!("{problem}.")))?;
    if is_allowed(&profile.client.allowed_origins, &url) {
        return Ok(());
    }
    let message = "must be on one of the client's allowed origins (scheme, host and port).";
    Err(FieldError::new(FIELD, "not_allowed", message))
}

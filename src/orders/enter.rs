//! Enter: a browser arrives to pay for orders (CONTRACT 8.6). Whatever it repeats, and however many
//! tabs it has, a set of orders has at most one open payment.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mcpay_port::{NextStep, PaymentRef};
use url::Url;

use super::complete::may_be_completed;
use super::order::{Bundle, Order, OrderId, OrderStatus, SetId, SetStatus};
use super::ports::OrderChange;
use super::service::{OrderTrouble, Orders, TRIES};
use crate::clients::ClientProfile;
use crate::clients::origin::{is_allowed, read_url};
use crate::payments::named;
use crate::payments::payment::Reason;

/// How long a second tab waits for the first one's call to the provider.
const STARTING: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

named! {
    /// `fulfillmentStatus` of the way back.
    FulfilmentStatus {
        Success => "success",
        Cancel => "cancel",
        Error => "error",
        /// Nobody can tell yet how it ended.
        Unknown => "unknown",
    }
}

/// What the browser brings.
#[derive(Clone, Debug)]
pub struct Entry {
    pub orders: Vec<OrderId>,
    pub return_url: String,
    pub user_agent: Option<String>,
}

/// Where the browser goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the provider, to pay.
    Pay(String),
    /// To the merchant.
    Back { url: Url, status: FulfilmentStatus },
}

/// What one look at the orders leads to.
pub(super) enum Next {
    Pay(String),
    Back(FulfilmentStatus),
    /// Something changed: look again.
    Again,
}

/// Who pays for what, and where the browser goes in the end.
pub(super) struct Visit<'a> {
    pub(super) profile: &'a Arc<ClientProfile>,
    pub(super) back: &'a Url,
    pub(super) user_agent: Option<&'a str>,
}

impl Orders {
    /// # Errors
    /// [`OrderTrouble::NotFound`] for unknown orders, orders of several clients, and a return
    /// address that is not on an allowed origin: all alike, so that nothing can be probed.
    pub async fn enter(&self, entry: &Entry) -> Result<Way, OrderTrouble> {
        let ids: BTreeSet<OrderId> = entry.orders.iter().copied().collect();
        let ids: Vec<OrderId> = ids.into_iter().collect();
        let orders = self.store.find_orders(&ids).await?;
        let client = orders.first().map(|order| order.client.clone());
        let client = client.ok_or(OrderTrouble::NotFound)?;
        if orders.len() != ids.len() || orders.iter().any(|order| order.client != client) {
            return Err(OrderTrouble::NotFound);
        }
        let profile = self.registry.profile(client.as_str());
        let profile = profile.ok_or(OrderTrouble::NotFound)?;
        let back = read_url(&entry.return_url).map_err(|_| OrderTrouble::NotFound)?;
        if !is_allowed(&profile.client.allowed_origins, &back) {
            return Err(OrderTrouble::NotFound);
        }
        let visit = Visit {
            profile: &profile,
            back: &back,
            user_agent: entry.user_agent.as_deref(),
        };
        for _ in 0..TRIES {
            match self.look(&visit, &ids).await? {
                Next::Pay(url) => return Ok(Way::Pay(url)),
                Next::Back(status) => return Ok(Way::Back { url: back, status }),
                Next::Again => {}
            }
        }
        Err(OrderTrouble::overtaken())
    }

    async fn look(&self, visit: &Visit<'_>, ids: &[OrderId]) -> Result<Next, OrderTrouble> {
        let mut orders = self.store.find_orders(ids).await?;
        let has_ended_badly =
            |order: &Order| matches!(order.status, OrderStatus::Failed | OrderStatus::Cancelled);
        if orders.iter().any(has_ended_badly) {
            return Ok(Next::Back(FulfilmentStatus::Error));
        }
        orders.retain(|order| order.status == OrderStatus::Preliminary);
        let (complete, mut orders): (Vec<Order>, Vec<Order>) = orders
            .into_iter()
            .partition(|order| order.set.is_none() && may_be_completed(order));
        if !complete.is_empty() {
            return self.fulfil(complete).await;
        }
        let sets: BTreeSet<_> = orders
            .iter()
            .filter_map(|order| order.set)
            .map(|set| set.0)
            .collect();
        let mut in_fulfilment = Vec::new();
        for set in sets {
            let bundle = self.follow(SetId(set)).await?;
            if bundle.set.status != SetStatus::Open {
                return Ok(Next::Again);
            }
            if bundle.set.return_url.is_some() {
                in_fulfilment.push(bundle);
            } else {
                // Its merchant named a payment that has succeeded: nothing is left to pay.
                orders.retain(|order| order.set != Some(bundle.set.id));
            }
        }
        match in_fulfilment.first() {
            _ if orders.is_empty() => Ok(Next::Back(FulfilmentStatus::Success)),
            Some(bundle) => self.meet(visit, &orders, bundle).await,
            None => self.start(visit, orders).await,
        }
    }

    async fn fulfil(&self, orders: Vec<Order>) -> Result<Next, OrderTrouble> {
        let (orders, events) = orders
            .into_iter()
            .map(|order| self.fulfilled(order))
            .unzip();
        let change = OrderChange {
            orders,
            events,
            ..self.no_change()
        };
        self.save(&change).await?;
        Ok(Next::Again)
    }

    /// Some of these orders stand in an open set: it is resumed where it is the same one, and
    /// another begins only after the provider confirmed that this one is closed.
    async fn meet(
        &self,
        visit: &Visit<'_>,
        orders: &[Order],
        bundle: &Bundle,
    ) -> Result<Next, OrderTrouble> {
        let (set, reference) = (bundle.set.id, bundle.set.payment);
        let ids = |orders: &[Order]| orders.iter().map(|order| order.id).collect::<BTreeSet<_>>();
        let is_same = ids(orders) == ids(&bundle.orders);
        let mut payment = self.payments.inquire(reference).await?;
        if payment.status.is_pending() && !is_same {
            payment = self.payments.close(reference, Reason::Cancel).await?;
        }
        if !payment.status.is_pending() {
            let settled = self.settle(set).await?;
            return Ok(if settled.set.status == SetStatus::Open {
                Next::Back(FulfilmentStatus::Unknown)
            } else {
                Next::Again
            });
        }
        if !is_same {
            return Err(OrderTrouble::PaymentOpen);
        }
        if bundle.set.return_url.as_deref() != Some(visit.back.as_str()) {
            self.store.save_return_url(set, visit.back.as_str()).await?;
        }
        let url = self.wait_for_page(reference).await?;
        url.map(Next::Pay).ok_or(OrderTrouble::PaymentOpen)
    }

    /// The provider's page for a payment, which another tab may be starting at this moment.
    async fn wait_for_page(&self, reference: PaymentRef) -> Result<Option<String>, OrderTrouble> {
        let waiting = async {
            loop {
                let payment = self.payments.get_payment(reference).await?;
                match payment.next_step {
                    Some(NextStep::Redirect(url)) => return Ok(Some(url)),
                    None if payment.status.is_pending() => {}
                    _ => return Ok(None),
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        tokio::time::timeout(STARTING, waiting)
            .await
            .unwrap_or(Ok(None))
    }
}

//! Call back: tells merchants how orders ended that were completed without a browser. The call has
//! no body and names nobody; only its status of `success` or `failed` says something.

use std::sync::Arc;

use url::Url;

use super::order::OrderStatus;
use super::ports::DueCall;
use super::service::Orders;
use crate::ports::StoreError;

/// A call is made again with growing waits, at most 15 minutes each, for about a day.
const MOST_TRIES: i32 = 100;

impl Orders {
    /// Makes up to `limit` calls that are due, all at once; answers how many there were.
    pub async fn call_back(self: &Arc<Self>, limit: i64) -> Result<usize, StoreError> {
        let due = self.store.claim_due_calls(self.clock.now(), limit).await?;
        let count = due.len();
        let calls = due.into_iter().map(|call| self.make(call));
        for made in futures_util::future::join_all(calls).await {
            made?;
        }
        Ok(count)
    }

    async fn make(&self, call: DueCall) -> Result<(), StoreError> {
        let Some(url) = with_status(&call) else {
            tracing::error!(order = %call.order, "a callback address cannot be read");
            return self.store.finish_call(call.order, self.clock.now()).await;
        };
        if self.caller.call(&url).await {
            return self.store.finish_call(call.order, self.clock.now()).await;
        }
        if call.tries + 1 >= MOST_TRIES {
            tracing::warn!(order = %call.order, "a merchant could not be called back for a day");
        }
        Ok(())
    }
}

/// Whether a call that was made so often is made again.
pub const fn is_tried_again(tries: i32) -> bool {
    tries < MOST_TRIES
}

fn with_status(call: &DueCall) -> Option<Url> {
    let mut url = Url::parse(&call.url).ok()?;
    let status = if call.status == OrderStatus::Fulfilled {
        "success"
    } else {
        "failed"
    };
    url.query_pairs_mut()
        .append_pair("fulfillmentStatus", status);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::order::OrderId;

    #[test]
    fn the_status_is_added_to_whatever_query_the_address_has() {
        let call = |status| DueCall {
            order: OrderId::new(1).unwrap(),
            status,
            url: "https://shop.example/told?order=7#part".into(),
            tries: 0,
        };
        let told = |status| with_status(&call(status)).unwrap().to_string();
        assert_eq!(
            told(OrderStatus::Fulfilled),
            "https://shop.example/told?order=7&fulfillmentStatus=success#part"
        );
        assert!(told(OrderStatus::Cancelled).contains("fulfillmentStatus=failed"));
    }
}

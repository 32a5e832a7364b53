//! Callbacks: one for every change of an attempt or transaction, tried again on the provider's
//! schedule until somebody answers 2xx. No signature and no secret, as the real ones have none.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};
use url::Url;

use super::order::Order;
use super::state::State;

/// Seconds after the transaction at which an unanswered callback is tried again.
const RETRIES_SECONDS: [u32; 6] = [30, 60, 360, 432, 864, 1265];
const TRY_FOR: Duration = Duration::from_secs(10);
/// A callback that was held back for a later one to overtake it goes out after this at the latest.
const HELD_BACK_FOR: Duration = Duration::from_secs(2);

/// Whether a callback lets another overtake it.
enum Turn {
    Normal,
    /// Waits until the next one of its order was sent.
    After(Arc<Notify>),
    /// Lets the one before it go when it was sent itself.
    Before(Arc<Notify>),
}

struct Callback {
    http: reqwest::Client,
    url: Url,
    body: String,
    started_at: Instant,
    delay: Duration,
    retry_second: Duration,
}

/// Tells the merchant that attempt or transaction `number` changed.
pub(crate) fn tell(state: &State, order: &mut Order, number: i64) {
    let Some(url) = order.urls.callback.clone() else {
        return;
    };
    let controls = state.controls();
    if controls.drop_callbacks {
        return;
    }
    order.callbacks += 1;
    let turn = match (controls.reorder_callbacks, order.callbacks % 2) {
        (false, _) => Turn::Normal,
        (true, 1) => Turn::After(Arc::clone(&order.overtaken)),
        (true, _) => Turn::Before(Arc::clone(&order.overtaken)),
    };
    let callback = Callback {
        http: state.options.http.clone(),
        url,
        body: body(order, number),
        started_at: Instant::now(),
        delay: Duration::from_millis(controls.callback_delay_ms),
        retry_second: state.options.retry_second,
    };
    let copies = if controls.duplicate_callbacks { 2 } else { 1 };
    state.spawn(async move { callback.run(turn, copies).await });
}

fn body(order: &Order, number: i64) -> String {
    let mut body = json!({
        "paymentOrder": { "id": order.path(), "instrument": "CreditCard", "number": number },
    });
    if let Some(reference) = &order.merchant_reference {
        body["orderReference"] = json!(reference);
    }
    body.to_string()
}

impl Callback {
    async fn run(&self, turn: Turn, copies: u8) {
        sleep_until(self.started_at + self.delay).await;
        if let Turn::After(overtaken) = &turn {
            let _ = timeout(HELD_BACK_FOR, overtaken.notified()).await;
        }
        let mut delivered = self.send().await;
        if let Turn::Before(overtaken) = &turn {
            overtaken.notify_one();
        }
        for _ in 1..copies {
            delivered |= self.send().await;
        }
        for seconds in RETRIES_SECONDS {
            if delivered {
                return;
            }
            sleep_until(self.started_at + self.delay + self.retry_second * seconds).await;
            delivered = self.send().await;
        }
    }

    async fn send(&self) -> bool {
        let sent = self
            .http
            .post(self.url.clone())
            .header("Content-Type", "application/json; charset=utf-8")
            .timeout(TRY_FOR)
            .body(self.body.clone())
            .send()
            .await;
        // The URL carries the merchant's key, so it stays out of the log.
        match sent {
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) => {
                tracing::debug!(status = answer.status().as_u16(), "a callback was refused");
                false
            }
            Err(_) => {
                tracing::debug!("a callback did not arrive");
                false
            }
        }
    }
}

//! Notifications to the merchant: sent in the background, tried again on the provider's schedule
//! until they are taken, and subject to the controls (late, dropped, twice, in the wrong order).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, RequestBuilder, StatusCode};
use tokio::sync::oneshot::{Receiver, Sender, channel};
use tokio::time::timeout;

use crate::clock::Clock;
use crate::stage::Stage;

/// One that was held back for a later one to overtake it goes out after this at the latest.
const HELD_BACK_FOR: Duration = Duration::from_secs(2);

/// How a provider delivers.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// Seconds after the first try at which one that was not taken is tried again. After the last
    /// it is given up.
    pub retries_seconds: &'static [u32],
    /// Which answers mean that it was taken.
    pub accepts: fn(&StatusCode) -> bool,
    /// How long the merchant has for an answer.
    pub try_for: Duration,
    /// Whether one waits until those before it are taken or given up.
    pub is_ordered: bool,
}

/// The notifications of one sequence, which is what `reorderCallbacks` mixes up and what
/// [`Delivery::is_ordered`] keeps in order: a payment's, or a payment's to one address.
#[derive(Debug, Default)]
pub struct Notifications {
    /// Closes when the latest one is taken or given up.
    latest: Option<Receiver<()>>,
    /// Dropping it lets the one go that waits to be overtaken.
    held_back: Option<Sender<()>>,
}

/// Where one notification stands among the others. Whoever waits for it goes on when its senders
/// are dropped, so a task that is stopped holds up nobody.
struct Turn {
    waits: Waits,
    overtakes: Option<Sender<()>>,
    ends: Sender<()>,
}

enum Waits {
    ForNothing,
    /// Until the one before it has ended.
    ForEnd(Receiver<()>),
    /// Until the one after it was tried.
    ToBeOvertaken(Receiver<()>),
}

impl Notifications {
    fn next(&mut self, is_ordered: bool, reorders: bool) -> Turn {
        let (ends, ended) = channel();
        let before = self.latest.replace(ended);
        let held_back = self.held_back.take();
        let (waits, overtakes) = match (reorders, held_back) {
            (true, Some(other)) => (Waits::ForNothing, Some(other)),
            (true, None) => {
                let (release, released) = channel();
                self.held_back = Some(release);
                (Waits::ToBeOvertaken(released), None)
            }
            (false, _) => {
                let waits = before.filter(|_| is_ordered);
                (waits.map_or(Waits::ForNothing, Waits::ForEnd), None)
            }
        };
        Turn {
            waits,
            overtakes,
            ends,
        }
    }
}

impl Stage {
    /// Tells the merchant something. `request` makes the request anew for each try, so what depends
    /// on the moment (a date, a signature over it) is always fresh.
    pub fn notify(
        &self,
        delivery: Delivery,
        sequence: &mut Notifications,
        request: impl Fn(&Client) -> RequestBuilder + Send + Sync + 'static,
    ) {
        let controls = self.controls();
        if controls.drop_callbacks {
            return;
        }
        let turn = sequence.next(delivery.is_ordered, controls.reorder_callbacks);
        let copies = if controls.duplicate_callbacks { 2 } else { 1 };
        let notification = Notification {
            http: self.http.clone(),
            clock: self.clock.clone(),
            due_at: later(self.clock.now(), controls.callback_delay()),
            retry_second: self.retry_second,
            delivery,
            request,
        };
        self.tasks
            .spawn(async move { notification.run(turn, copies).await });
    }
}

struct Notification<R> {
    http: Client,
    clock: Clock,
    due_at: DateTime<Utc>,
    retry_second: Duration,
    delivery: Delivery,
    request: R,
}

impl<R: Fn(&Client) -> RequestBuilder> Notification<R> {
    async fn run(&self, turn: Turn, copies: u8) {
        self.clock.sleep_until(self.due_at).await;
        match turn.waits {
            Waits::ForNothing => {}
            Waits::ForEnd(ended) => {
                let _ = ended.await;
            }
            Waits::ToBeOvertaken(released) => {
                let _ = timeout(HELD_BACK_FOR, released).await;
            }
        }
        let first_at = self.clock.now();
        let mut delivered = self.send().await;
        drop(turn.overtakes);
        for _ in 1..copies {
            delivered |= self.send().await;
        }
        for seconds in self.delivery.retries_seconds {
            if delivered {
                break;
            }
            let wait = self.retry_second.saturating_mul(*seconds);
            self.clock.sleep_until(later(first_at, wait)).await;
            delivered = self.send().await;
        }
        drop(turn.ends);
    }

    async fn send(&self) -> bool {
        let sent = (self.request)(&self.http)
            .timeout(self.delivery.try_for)
            .send()
            .await;
        // The URL may carry the merchant's key, so it stays out of the log.
        match sent {
            Ok(answer) if (self.delivery.accepts)(&answer.status()) => true,
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::debug!(status, "a notification was refused");
                false
            }
            Err(_) => {
                tracing::debug!("a notification did not arrive");
                false
            }
        }
    }
}

fn later(at: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| at.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

//! The relay: publishes committed events to the broker (CONTRACT 6).
//!
//! At least once, and in order per subject: it takes at most one event per subject at a time, and
//! marks it only after the broker confirmed it. A consumer that drops repeated `message_id`s sees
//! every subject in order, also after a broken connection. One instance publishes at a time, by
//! lease; the others stay connected and stand by.
//!
//! [`Relay::step`] does one bounded piece of work and is called again by a job, so nothing here
//! runs on the way to a started service: a missing broker delays events and nothing else. What must
//! never live here: a decision about payments, or the password of the broker in a log.

mod connect;
mod publish;
mod reach;
mod status;
mod topology;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::connect::Session;
pub use self::reach::reach_broker;
pub use self::status::{Problem, RelayStatus};
use self::topology::Topology;
use super::lease::Lease;
use super::ports::EventStore;
use crate::ports::{Clock, StoreError};

/// The name of the lease.
pub const LEASE: &str = "relay";

/// How old the counted backlog may be.
const COUNT_EVERY: Duration = Duration::from_secs(5);
/// The first wait after a failure; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The wait when only a person can help.
const SLOW_WAIT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub struct RelayOptions {
    /// `amqp://` or `amqps://`. Certificates are checked against the machine's trust store.
    pub amqp_url: SecretString,
    /// The `source` of the events: the service's public URL.
    pub source: String,
    pub exchange: String,
    pub queue: String,
    /// This process: unique among all that share the database.
    pub holder: String,
    /// Most events published between two looks at the database.
    pub batch: i64,
    pub connect_within: Duration,
    /// How long the broker may take to confirm a batch.
    pub confirm_within: Duration,
    /// Taken as at least three times `confirm_within`, so that it cannot run out under a batch.
    pub lease_for: Duration,
}

impl RelayOptions {
    /// The defaults of CONTRACT 6.
    pub fn new(
        amqp_url: SecretString,
        source: impl Into<String>,
        holder: impl Into<String>,
    ) -> Self {
        Self {
            amqp_url,
            source: source.into(),
            exchange: "mcpay.events".to_owned(),
            queue: "mcpay.backoffice".to_owned(),
            holder: holder.into(),
            batch: 200,
            connect_within: Duration::from_secs(10),
            confirm_within: Duration::from_secs(10),
            lease_for: Duration::from_secs(30),
        }
    }
}

/// The broker's URL cannot be used. Holds nothing of it, since it has the password in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "AMQP_URL is not a broker's URL. Write it as amqp://USER:PASSWORD@HOST:5672/VHOST, or amqps:// \
     with TLS; the default virtual host is written %2f."
)]
pub struct InvalidAmqpUrl;

/// What one step of the relay did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many events were published; there may be more.
    Published(usize),
    /// Nothing was waiting.
    Drained,
    /// Another instance publishes.
    Standby,
    /// It could not be done now; come back after this time, whatever wakes you. The reason was
    /// logged and is in the status.
    HeldUp(Duration),
}

pub struct Relay {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    uri: AMQPUri,
    topology: Topology,
    source: String,
    batch: i64,
    connect_within: Duration,
    confirm_within: Duration,
    status: watch::Sender<RelayStatus>,
    state: Mutex<State>,
}

struct State {
    session: Option<Session>,
    lease: Lease,
    failures: u32,
    counted_at: Option<Instant>,
}

impl Relay {
    /// Does no I/O.
    pub fn new(
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
        options: RelayOptions,
    ) -> Result<Self, InvalidAmqpUrl> {
        let uri = options
            .amqp_url
            .expose_secret()
            .parse()
            .map_err(|_| InvalidAmqpUrl)?;
        let lease_for = options.lease_for.max(options.confirm_within * 3);
        let lease = Lease::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            LEASE,
            options.holder,
            lease_for,
        );
        Ok(Self {
            store,
            clock,
            uri,
            topology: Topology {
                exchange: options.exchange,
                queue: options.queue,
            },
            source: options.source,
            batch: options.batch,
            connect_within: options.connect_within,
            confirm_within: options.confirm_within,
            status: watch::Sender::new(RelayStatus::default()),
            state: Mutex::new(State {
                session: None,
                lease,
                failures: 0,
                counted_at: None,
            }),
        })
    }

    /// How the relay is doing; costs nothing.
    pub fn status(&self) -> RelayStatus {
        self.status.borrow().clone()
    }

    /// The status with a way to wait for its change.
    pub fn watch_status(&self) -> watch::Receiver<RelayStatus> {
        self.status.subscribe()
    }

    /// Connects if need be and publishes at most one batch. Takes at most `connect_within` plus
    /// `confirm_within`, apart from the database. `stop` ends an attempt to connect.
    pub async fn step(&self, stop: &CancellationToken) -> Result<Step, StoreError> {
        let mut state = self.state.lock().await;
        self.count_backlog(&mut state).await?;
        // Taken out for as long as it is used: a step that is thrown away half-way takes the
        // connection with its unheard confirms along.
        let session = match state.session.take() {
            Some(session) if session.is_alive() => session,
            broken => {
                drop(broken);
                match self.connect(stop).await {
                    Ok(session) => session,
                    Err(problem) => return self.hold_up(&mut state, problem).await,
                }
            }
        };
        if session.is_blocked() {
            state.session = Some(session);
            return self.hold_up(&mut state, Problem::Blocked).await;
        }
        let active = state.lease.keep().await;
        self.status.send_if_modified(|status| {
            let active = matches!(active, Ok(true));
            std::mem::replace(&mut status.active, active) != active
        });
        if !matches!(active, Ok(true)) {
            state.session = Some(session);
            active?;
            self.all_is_well(&mut state, None);
            return Ok(Step::Standby);
        }
        self.publish_batch(&mut state, session).await
    }

    /// Says good-bye to the broker and gives the lease up; call it when the service stops.
    pub async fn close(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        if let Some(session) = state.session.take() {
            session.close().await;
        }
        self.status.send_modify(|status| {
            status.connected = false;
            status.active = false;
        });
        state.lease.give_up().await
    }

    async fn connect(&self, stop: &CancellationToken) -> Result<Session, Problem> {
        let opened = tokio::select! {
            opened = Session::open(&self.uri, &self.topology, self.connect_within) => opened,
            () = stop.cancelled() => Err(Problem::Unreachable("the service stops".to_owned())),
        };
        if opened.is_ok() {
            tracing::info!(
                exchange = %self.topology.exchange,
                queue = %self.topology.queue,
                "The event relay is connected to the broker."
            );
            self.status.send_modify(|status| status.connected = true);
        }
        opened
    }

    async fn publish_batch(&self, state: &mut State, session: Session) -> Result<Step, StoreError> {
        let events = match self.store.find_unpublished(self.batch).await {
            Ok(events) => events,
            Err(error) => {
                state.session = Some(session);
                return Err(error);
            }
        };
        if events.is_empty() {
            state.session = Some(session);
            self.all_is_well(state, Some(0));
            return Ok(Step::Drained);
        }
        let sent = publish::publish(
            &session.channel,
            &self.topology.exchange,
            &self.source,
            &events,
            self.confirm_within,
        )
        .await;
        // A session that had trouble is not used again: the next one declares queue and binding.
        match sent.problem {
            None => state.session = Some(session),
            Some(_) => session.close().await,
        }
        self.mark(&sent.confirmed).await?;
        if let Some(problem) = sent.problem {
            return self.hold_up(state, problem).await;
        }
        self.all_is_well(state, None);
        Ok(Step::Published(sent.confirmed.len()))
    }

    async fn mark(&self, confirmed: &[Uuid]) -> Result<(), StoreError> {
        if confirmed.is_empty() {
            return Ok(());
        }
        let published_at = self.clock.now();
        self.store.mark_published(confirmed, published_at).await?;
        self.status
            .send_modify(|status| status.last_published_at = Some(published_at));
        Ok(())
    }

    /// Notes a problem, lets another instance try its luck and answers when to come back.
    async fn hold_up(&self, state: &mut State, problem: Problem) -> Result<Step, StoreError> {
        let wait = if problem.needs_a_person() {
            SLOW_WAIT
        } else {
            let doubled = FIRST_WAIT.saturating_mul(1 << state.failures.min(10));
            doubled.min(LONGEST_WAIT)
        };
        state.failures = state.failures.saturating_add(1);
        let known = self.status.borrow().problem.clone();
        if known.is_some_and(|known| known.is_like(&problem)) {
            tracing::debug!(reason = %problem, "Publishing events is still held up.");
        } else {
            tracing::warn!(
                reason = %problem,
                "Publishing events is held up. They are safe in the database."
            );
        }
        self.status.send_modify(|status| {
            status.connected = state.session.is_some();
            status.active = false;
            status.problem = Some(problem);
        });
        state.lease.give_up().await?;
        Ok(Step::HeldUp(wait))
    }

    fn all_is_well(&self, state: &mut State, backlog: Option<i64>) {
        state.failures = 0;
        self.status.send_if_modified(|status| {
            let before = status.clone();
            status.connected = true;
            status.backlog = backlog.or(status.backlog);
            if status.problem.take().is_some() {
                tracing::info!("Nothing holds up the publishing of events any more.");
            }
            before != *status
        });
    }

    async fn count_backlog(&self, state: &mut State) -> Result<(), StoreError> {
        if state
            .counted_at
            .is_some_and(|at| at.elapsed() < COUNT_EVERY)
        {
            return Ok(());
        }
        let backlog = self.store.count_unpublished().await?;
        state.counted_at = Some(Instant::now());
        self.status
            .send_if_modified(|status| status.backlog.replace(backlog) != Some(backlog));
        Ok(())
    }
}

//! The stage that a simulator plays on, and the routes that come with it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actix_web::web::{self, ServiceConfig};
use serde_json::Value;

use crate::calls::{self, Calls};
use crate::clock::{self, Clock};
use crate::controls::{self, Controls};
use crate::payer::{self, PayerAction};
use crate::refusal::Refusal;
use crate::tasks::Tasks;

/// Everything that a simulator has and that is not its provider's.
pub struct Stage {
    pub calls: Calls,
    pub clock: Clock,
    pub tasks: Tasks,
    /// What notifications are sent with.
    pub http: reqwest::Client,
    pub(crate) retry_second: Duration,
    controls: RwLock<Controls>,
}

impl Stage {
    /// Call it inside a tokio runtime that outlives the HTTP server's workers: background tasks
    /// run there. Outside of one they run on the worker that caused them.
    ///
    /// One second of a provider's retry schedule lasts `retry_second`.
    pub fn new(http: reqwest::Client, retry_second: Duration) -> Self {
        Self {
            calls: Calls::default(),
            clock: Clock::default(),
            tasks: Tasks::default(),
            http,
            retry_second,
            controls: RwLock::default(),
        }
    }

    /// The controls as they stand now.
    pub fn controls(&self) -> Controls {
        self.controls
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Changes the controls and gives them as they are then.
    pub(crate) fn change_controls(&self, change: impl FnOnce(&mut Controls)) -> Controls {
        let mut controls = self
            .controls
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        change(&mut controls);
        controls.clone()
    }

    /// Stops the notifications that are still to be sent, lets go of held connections, and waits
    /// until the background tasks are gone.
    pub async fn shutdown(&self) {
        self.tasks.shutdown().await;
    }
}

/// What the routes of [`configure`] ask of a simulator's state.
pub trait Simulator: Send + Sync + 'static {
    fn stage(&self) -> &Stage;

    /// Acts for the payer of the payment that the merchant calls `reference`, and tells how it is
    /// then.
    ///
    /// # Errors
    /// Not found without such a payment, a conflict when its payer can do nothing any more.
    fn act(self: &Arc<Self>, reference: &str, action: PayerAction) -> Result<Value, Refusal>;
}

/// `_control`, `_calls`, `_payer` and `_clock`, for a scope whose data is the simulator's state.
pub fn configure<S: Simulator>(config: &mut ServiceConfig) {
    config
        .route("/_control", web::get().to(controls::show::<S>))
        .route("/_control", web::put().to(controls::change::<S>))
        .route("/_calls", web::get().to(calls::list::<S>))
        .route("/_payer/{reference}", web::post().to(payer::act::<S>))
        .route("/_clock", web::get().to(clock::show::<S>))
        .route("/_clock", web::put().to(clock::set::<S>));
}

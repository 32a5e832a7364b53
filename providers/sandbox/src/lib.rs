//! What every simulator of a provider needs beside the provider's own API: the controls of
//! CONTRACT 7.2, faults, the record of calls, notifications, the payer's stand-in, a clock that
//! can be moved, and background tasks that end.
//!
//! What must never live here: a provider's name, JSON, status or rule. A simulator keeps a
//! [`Stage`] beside its payments, implements [`Simulator`], and mounts [`configure`]:
//!
//! ```
//! # use std::sync::Arc;
//! # use actix_web::{HttpResponse, Scope, web};
//! # use mcpay_sandbox::{Asked, PayerAction, Refusal, Seen, Simulator, Stage};
//! # use serde_json::{Value, json};
//! struct State { stage: Stage } // and the payments
//!
//! impl Simulator for State {
//!     fn stage(&self) -> &Stage { &self.stage }
//!     fn act(self: &Arc<Self>, reference: &str, _: PayerAction) -> Result<Value, Refusal> {
//!         Ok(json!({ "reference": reference }))
//!     }
//! }
//!
//! async fn capture(state: web::Data<State>, reference: web::Path<String>) -> HttpResponse {
//!     let seen = Seen::new(Asked::Capture, reference.into_inner(), Some("key-1"));
//!     let fail = || HttpResponse::InternalServerError().finish();
//!     state.stage.pass(Some(seen), fail, || HttpResponse::Ok().finish()).await
//! }
//!
//! fn routes(state: &Arc<State>, path: &str) -> Scope {
//!     web::scope(path)
//!         .app_data(web::Data::from(Arc::clone(state)))
//!         .route("/payments/{reference}/capture", web::post().to(capture))
//!         .configure(mcpay_sandbox::configure::<State>)
//! }
//! ```
//!
//! Locks: nothing here is locked across an await, nor while a simulator's code runs, so a simulator
//! may call everything while it holds a lock of its own.

mod calls;
mod clock;
mod controls;
mod lock;
mod notifications;
pub mod page;
mod pass;
mod payer;
mod refusal;
pub mod rules;
mod stage;
mod tasks;

pub use calls::{Asked, Calls, Seen};
pub use clock::Clock;
pub use controls::Controls;
pub use lock::locked;
pub use notifications::{Delivery, Notifications};
pub use payer::PayerAction;
pub use refusal::Refusal;
pub use rules::Ruled;
pub use stage::{Simulator, Stage, configure};
pub use tasks::Tasks;

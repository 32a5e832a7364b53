//! One file a command. Each answers with a sentence when it fails; none shows a stack trace.

mod apply;
mod demo;
mod demo_accounts;
mod demo_client;
mod doctor;
mod listen;
mod migrate;
mod sandbox;
mod sandboxes;
mod serve;

pub use demo_accounts::{DEMO_NEXI_CHECKOUT_KEY, DEMO_NEXI_SECRET_KEY};
pub use demo_client::{DEMO_CLIENT, DEMO_OAUTH_SECRET, DEMO_SIGNING_SECRET, apply_demo_client};
pub use sandboxes::{Sandboxes, sandbox_url};

use crate::config::Command;

/// Runs a command to its end.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Demo(settings) => demo::demo(settings).await,
        Command::Serve(settings) => serve::serve(settings).await,
        Command::Sandbox(settings) => sandbox::sandbox(settings).await,
        Command::Migrate(settings) => migrate::migrate(&settings).await,
        Command::Apply(settings) => apply::apply(&settings).await,
        Command::Doctor(settings) => doctor::doctor(settings).await,
    }
}

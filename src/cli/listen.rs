//! Listening, and stopping in good order: first the server finishes what it has, then the work in
//! the background, then the jobs.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::config::Listening;
use crate::wiring::Built;

/// A provider call and the record of its outcome, with reserve.
const BACKGROUND_LIMIT: Duration = Duration::from_secs(15);
const JOBS_LIMIT: Duration = Duration::from_secs(8);

/// Takes the address, and says under which URL it is reached.
///
/// # Errors
/// A sentence that names the setting and the way out.
pub fn bind(listening: &Listening) -> Result<(TcpListener, Url), String> {
    let address = listening.listen;
    let listener = TcpListener::bind(address).map_err(|error| {
        format!("{address} cannot be listened on ({error}). Choose another with --listen.")
    })?;
    let port = listener
        .local_addr()
        .map_err(|error| error.to_string())?
        .port();
    let public_url = listening.public_url(port)?;
    Ok((listener, public_url))
}

/// How many workers serve connections.
pub fn workers() -> usize {
    std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, 8)
}

/// Serves until SIGINT or SIGTERM, then stops gracefully. `first` is done before the requests in
/// progress are waited for.
///
/// # Errors
/// When the server or the signals fail.
pub async fn serve_until_stopped(
    server: Server,
    first: impl Future<Output = ()>,
) -> Result<(), String> {
    let handle = server.handle();
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut running = tokio::spawn(server);
    let ended = |result: Result<std::io::Result<()>, tokio::task::JoinError>| {
        result
            .map_err(|error| error.to_string())?
            .map_err(|error| format!("The server failed: {error}"))
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        result = &mut running => return ended(result),
    }
    tracing::info!("stopping: requests in progress are finished first");
    first.await;
    tokio::select! {
        () = handle.stop(true) => {}
        _ = interrupt.recv() => {
            running.abort();
            return Ok(());
        }
    }
    ended(running.await)
}

/// Ends background work and jobs after the server has stopped.
pub async fn wind_down(built: Built) {
    built.background.close();
    if tokio::time::timeout(BACKGROUND_LIMIT, built.background.wait())
        .await
        .is_err()
    {
        tracing::warn!("background work was cut; the timer takes it up again");
    }
    // The jobs last: the relay still publishes what the work above has told.
    if let Err(torn_down) = built.jobs.stop(JOBS_LIMIT).await {
        tracing::warn!(%torn_down, "the next process takes their work up again");
    }
    // What the timer began in its last tick.
    let _ = tokio::time::timeout(BACKGROUND_LIMIT, built.background.wait()).await;
    tracing::info!("stopped");
}

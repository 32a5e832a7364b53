//! Logs: where they go, how much of them, and what they must not contain.
//!
//! They go to standard error, as text on a terminal and else as one JSON object a line.
//!
//! What must never be in a log, a span or an error that is logged:
//! - keys, tokens, passwords, signatures, and URLs that hold any of them. Keep them in
//!   `secrecy::SecretString`, whose `Debug` shows nothing, and log a URL's host only;
//! - phone numbers, names, e-mail addresses, card data, and bodies of requests or answers;
//! - the query of a request, since a payer's browser may carry tokens in it.
//!
//! What may be: mcPayRef, operation and event ids, client codes, the provider's name and its
//! reference, amounts, states, durations. Redaction is not done here after the fact: a filter over
//! finished text always misses something, so the values never get there.

use std::io::{self, IsTerminal};

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

const DEFAULT_FILTER: &str = "info";

/// Libraries that talk more than an operator wants to read, or whose finer levels would print
/// what must not be in a log (frames of the broker, headers of requests). Their failures reach
/// the log through us. A filter that names one of them still gets it.
const QUIET: &str = "lapin=off,async_rs=off,tokio_postgres=warn,diesel=warn,diesel_async=warn,\
                     h2=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,mio=warn,\
                     actix_server=warn,actix_http=warn";

/// Starts logging. A filter that cannot be read is replaced by the default and reported. A second
/// call changes nothing.
pub fn init(filter: &str, format: Option<LogFormat>) {
    let is_terminal = io::stderr().is_terminal();
    let (filter, bad_filter) = choose_filter(filter);
    let default = if is_terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    };
    let started = match format.unwrap_or(default) {
        LogFormat::Text => text(filter, io::stderr, is_terminal).try_init(),
        LogFormat::Json => json(filter, io::stderr).try_init(),
    };
    if started.is_ok() && bad_filter {
        tracing::warn!("MCPAY_LOG is not a log filter; \"{DEFAULT_FILTER}\" is used.");
    }
}

/// The filter, and whether the wish for it could not be read.
fn choose_filter(wish: &str) -> (EnvFilter, bool) {
    // The later of two directives for one target wins, so the wish comes last.
    match EnvFilter::try_new(format!("{QUIET},{wish}")) {
        Ok(filter) => (filter, false),
        Err(_) => (EnvFilter::new(format!("{QUIET},{DEFAULT_FILTER}")), true),
    }
}

fn text<W>(filter: EnvFilter, writer: W, colours: bool) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(colours)
        .with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines)
}

fn json<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines)
}

#[cfg(test)]
mod tests;

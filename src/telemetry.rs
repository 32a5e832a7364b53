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

use std::env;
use std::io::{self, IsTerminal};

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The variable with the filter, for example `info` or `info,mcpay::events=debug`.
pub const FILTER_VARIABLE: &str = "MCPAY_LOG";
/// The variable with the format: `text` or `json`.
pub const FORMAT_VARIABLE: &str = "MCPAY_LOG_FORMAT";

const DEFAULT_FILTER: &str = "info";

/// Libraries that talk more than an operator wants to read, or whose finer levels would print
/// what must not be in a log (frames of the broker, headers of requests). Their failures reach
/// the log through us. A filter that names one of them still gets it.
const QUIET: &str = "lapin=off,async_rs=off,tokio_postgres=warn,diesel=warn,diesel_async=warn,\
                     h2=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,mio=warn,\
                     actix_server=warn,actix_http=warn";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Starts logging as `MCPAY_LOG` and `MCPAY_LOG_FORMAT` say. A setting that cannot be read is
/// replaced by its default and reported. A second call changes nothing.
pub fn init() {
    init_with(
        env::var(FILTER_VARIABLE).ok().as_deref(),
        env::var(FORMAT_VARIABLE).ok().as_deref(),
    );
}

/// As [`init`], with the values of the two settings.
pub fn init_with(filter: Option<&str>, format: Option<&str>) {
    let (filter, bad_filter) = choose_filter(filter);
    let (format, bad_format) = choose_format(format, io::stderr().is_terminal());
    let started = match format {
        LogFormat::Text => text(filter, io::stderr, io::stderr().is_terminal()).try_init(),
        LogFormat::Json => json(filter, io::stderr).try_init(),
    };
    if started.is_err() {
        return;
    }
    if bad_filter {
        tracing::warn!("{FILTER_VARIABLE} is not a log filter; \"{DEFAULT_FILTER}\" is used.");
    }
    if bad_format {
        tracing::warn!("{FORMAT_VARIABLE} must be \"text\" or \"json\"; the default is used.");
    }
}

/// The filter, and whether the wish for it could not be read.
fn choose_filter(wish: Option<&str>) -> (EnvFilter, bool) {
    let wish = wish.map(str::trim).filter(|wish| !wish.is_empty());
    let wanted = wish.unwrap_or(DEFAULT_FILTER);
    // The later of two directives for one target wins, so the wish comes last.
    match EnvFilter::try_new(format!("{QUIET},{wanted}")) {
        Ok(filter) => (filter, false),
        Err(_) => (EnvFilter::new(format!("{QUIET},{DEFAULT_FILTER}")), true),
    }
}

/// The format, and whether the wish for it could not be read.
fn choose_format(wish: Option<&str>, is_terminal: bool) -> (LogFormat, bool) {
    let default = if is_terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    };
    match wish.map(str::trim) {
        Some("text") => (LogFormat::Text, false),
        Some("json") => (LogFormat::Json, false),
        None | Some("") => (default, false),
        Some(_) => (default, true),
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

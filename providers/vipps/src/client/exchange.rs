//! One HTTP call, bounded in time and size, its outcome sorted. The only I/O of this adapter.
//!
//! What must never: a followed redirect (it would carry the token), and a URL, token, key or body
//! in a log or an error.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use mcpay_port::{Failure, FailureKind, ProviderError};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
    USER_AGENT,
};
use reqwest::{Method, Response};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use url::Url;

use crate::config::Settings;
use crate::problem::{Effect, Problem, answered, open};

/// Who calls, for the provider's support.
const AGENT: &str = concat!("mcpay/", env!("CARGO_PKG_VERSION"));
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// A page of agreements is the largest answer: 500 of them, some hundreds of bytes each.
const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// What is asked, with everything but the headers that every call has.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Vec<u8>>,
    pub effect: Effect,
}

/// A 2xx answer.
pub struct Answered {
    pub status: u16,
    /// Where a list goes on.
    pub continuation: Option<HeaderValue>,
    pub body: Vec<u8>,
    effect: Effect,
}

impl Answered {
    /// # Errors
    /// When the body is not what the provider documents; what was asked for may have happened.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ProviderError> {
        serde_json::from_slice(&self.body).map_err(|_| self.bad("the answer is not as documented"))
    }

    /// An answer that came and cannot be used.
    pub fn bad(&self, why: &str) -> ProviderError {
        let mut failure = Failure::new(FailureKind::BadAnswer).titled(why);
        failure.status = Some(self.status);
        open(self.effect, failure)
    }
}

/// Makes the call. `limit` covers it all, body included.
pub async fn exchange(
    http: &reqwest::Client,
    settings: &Settings,
    request: Request,
    limit: Duration,
) -> Result<Answered, ProviderError> {
    let Request {
        method,
        url,
        headers,
        body,
        effect,
    } = request;
    let began_at = Instant::now();
    let secrets = secrets(settings, &headers);
    let mut call = http
        .request(method.clone(), url.clone())
        .timeout(limit)
        .headers(headers)
        .headers(system_headers(settings)?)
        .header(ACCEPT, "application/json, application/problem+json")
        .header(USER_AGENT, AGENT);
    call = match body {
        Some(body) => call.header(CONTENT_TYPE, "application/json").body(body),
        None if method == Method::GET => call,
        // Some gateways refuse a change whose length nobody told (411).
        None => call.header(CONTENT_LENGTH, "0"),
    };
    let response = call.send().await.map_err(|error| sort(effect, &error))?;
    let elapsed_ms = began_at.elapsed().as_millis();
    tracing::debug!(%method, status = response.status().as_u16(), elapsed_ms, "Vipps answered");
    if response.url() != &url {
        let failure = Failure::new(FailureKind::BadAnswer).titled("a redirect was followed");
        return Err(open(effect, failure));
    }
    read(&secrets, effect, response).await
}

/// On every call, the token's included.
fn system_headers(settings: &Settings) -> Result<HeaderMap, ProviderError> {
    let mut headers = HeaderMap::new();
    headers.insert("vipps-system-name", HeaderValue::from_static("mcpay"));
    headers.insert("vipps-system-version", HeaderValue::from_static(VERSION));
    headers.insert(
        "vipps-system-plugin-name",
        HeaderValue::from_static("mcpay-vipps"),
    );
    headers.insert(
        "vipps-system-plugin-version",
        HeaderValue::from_static(VERSION),
    );
    headers.insert(
        "merchant-serial-number",
        plain(&settings.merchant_serial_number)?,
    );
    Ok(headers)
}

pub fn plain(text: &str) -> Result<HeaderValue, ProviderError> {
    HeaderValue::from_str(text)
        .map_err(|_| ProviderError::DidNotHappen(Failure::new(FailureKind::Misconfigured)))
}

/// A header that no log of the HTTP client shows.
pub fn sensitive(text: &str) -> Result<HeaderValue, ProviderError> {
    let mut value = plain(text)?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(
    secrets: &[Vec<u8>],
    effect: Effect,
    response: Response,
) -> Result<Answered, ProviderError> {
    let status = response.status().as_u16();
    if !response.status().is_success() {
        let retry_after = find_retry_after(&response);
        let body = read_body(response).await.unwrap_or_default();
        let problem = if repeats_one(secrets, &body) {
            Problem::default()
        } else {
            Problem::read(&body)
        };
        return Err(answered(effect, status, problem, retry_after));
    }
    let continuation = response.headers().get("continuation-token").cloned();
    let body = read_body(response).await.map_err(|mut failure| {
        failure.status = Some(status);
        open(effect, failure)
    })?;
    Ok(Answered {
        status,
        continuation,
        body,
        effect,
    })
}

/// What no error may show: the account's own secrets and the token of this call.
fn secrets(settings: &Settings, headers: &HeaderMap) -> Vec<Vec<u8>> {
    let own = [&settings.client_secret, &settings.subscription_key];
    let own = own.map(|secret| secret.expose_secret().as_bytes().to_vec());
    let sent = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let token = sent
        .and_then(|it| it.strip_prefix(b"Bearer "))
        .map(<[u8]>::to_vec);
    own.into_iter().chain(token).collect()
}

/// Whether a body repeats a secret, so that nothing of it may go on.
fn repeats_one(secrets: &[Vec<u8>], body: &[u8]) -> bool {
    secrets
        .iter()
        .any(|secret| body.windows(secret.len()).any(|window| window == secret))
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_ANSWER_BYTES => {
                return Err(Failure::new(FailureKind::BadAnswer).titled("the answer is too large"));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(_) => return Err(Failure::new(FailureKind::Timeout)),
        }
    }
}

/// Only a connection that was never made proves that nothing was sent.
fn sort(effect: Effect, error: &reqwest::Error) -> ProviderError {
    if error.is_connect() {
        ProviderError::DidNotHappen(Failure::new(FailureKind::Unreachable))
    } else if error.is_builder() {
        ProviderError::DidNotHappen(Failure::new(FailureKind::Misconfigured))
    } else {
        open(effect, Failure::new(FailureKind::Timeout))
    }
}

/// Seconds or a date; both are documented.
fn find_retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let wait = text.parse().map(Duration::from_secs).ok().or_else(|| {
        let at = DateTime::parse_from_rfc2822(text).ok()?;
        (at.with_timezone(&Utc) - Utc::now()).to_std().ok()
    });
    wait.map(|wait| wait.min(LONGEST_WAIT))
}

//! The only I/O of this adapter: one HTTP call, bounded in time and size, its outcome sorted.
//!
//! What must never: a retry (a create has no idempotency key), a followed redirect (it would carry
//! the token), and a URL, token or body in a log or an error (a token's own URL contains it).

use std::time::{Duration, Instant};

use mcpay_port::{Failure, FailureKind};
use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use reqwest::{Method, Response};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::config::Settings;
use crate::problem::{CallError, Effect};

/// The version parameter selects PayEx's whole response model, on GET as well.
const JSON: &str = "application/json;version=3.1";
const JSON_OR_PROBLEM: &str = "application/json;version=3.1, application/problem+json";
/// Who calls, for PayEx's support; also the browser's stand-in where no payer is present.
pub const AGENT: &str = concat!("mcpay/", env!("CARGO_PKG_VERSION"));

pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// A payment order with every list expanded is some tens of kilobytes.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// One account's way to PayEx.
pub struct Client<'a> {
    pub http: &'a reqwest::Client,
    pub settings: &'a Settings,
    pub timeout: Duration,
}

/// A 2xx answer.
pub struct Answered<T> {
    pub status: u16,
    pub body: T,
}

impl Client<'_> {
    pub async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<Answered<T>, CallError> {
        self.call::<(), T>(Method::GET, url, None, Effect::None)
            .await
    }

    pub async fn post<B, T>(&self, url: Url, body: &B) -> Result<Answered<T>, CallError>
    where
        B: Serialize + Sync,
        T: DeserializeOwned,
    {
        self.call(Method::POST, url, Some(body), Effect::Possible)
            .await
    }

    pub async fn patch<B, T>(&self, url: Url, body: &B) -> Result<Answered<T>, CallError>
    where
        B: Serialize + Sync,
        T: DeserializeOwned,
    {
        self.call(Method::PATCH, url, Some(body), Effect::Possible)
            .await
    }

    async fn call<B, T>(
        &self,
        method: Method,
        url: Url,
        body: Option<&B>,
        effect: Effect,
    ) -> Result<Answered<T>, CallError>
    where
        B: Serialize + Sync,
        T: DeserializeOwned,
    {
        let began_at = Instant::now();
        let mut request = self
            .http
            .request(method.clone(), url.clone())
            .timeout(self.timeout)
            .bearer_auth(self.settings.access_token.expose_secret())
            .header(CONTENT_TYPE, JSON)
            .header(ACCEPT, JSON_OR_PROBLEM)
            .header(USER_AGENT, AGENT);
        if let Some(body) = body {
            let bytes = serde_json::to_vec(body)
                .map_err(|_| CallError::did_not_happen(Failure::new(FailureKind::Misconfigured)))?;
            request = request.body(bytes);
        }
        let response = request.send().await.map_err(|error| sort(effect, &error))?;
        let elapsed_ms = began_at.elapsed().as_millis();
        tracing::debug!(%method, status = response.status().as_u16(), elapsed_ms, "PayEx answered");
        if response.url() != &url {
            let failure = Failure::new(FailureKind::BadAnswer).titled("a redirect was followed");
            return Err(CallError::open(effect, failure));
        }
        self.read(effect, response).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        effect: Effect,
        response: Response,
    ) -> Result<Answered<T>, CallError> {
        let status = response.status().as_u16();
        if !response.status().is_success() {
            let retry_after = find_retry_after(&response);
            let problem = match read_body(response).await {
                Ok(body) if self.is_echoed(&body) => None,
                Ok(body) => serde_json::from_slice(&body).ok(),
                Err(_) => None,
            };
            return Err(CallError::answered(effect, status, problem, retry_after));
        }
        let open = |mut failure: Failure| {
            failure.status = Some(status);
            CallError::open(effect, failure)
        };
        let body = read_body(response).await.map_err(open)?;
        let body = serde_json::from_slice(&body).map_err(|_| {
            open(
                Failure::new(FailureKind::BadAnswer)
                    .titled("the answer is not what PayEx documents"),
            )
        })?;
        Ok(Answered { status, body })
    }

    /// Whether an error body repeats the access token, so that nothing of it may go on.
    fn is_echoed(&self, body: &[u8]) -> bool {
        let token = self.settings.access_token.expose_secret().as_bytes();
        body.windows(token.len()).any(|window| window == token)
    }
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
fn sort(effect: Effect, error: &reqwest::Error) -> CallError {
    if error.is_connect() {
        CallError::did_not_happen(Failure::new(FailureKind::Unreachable))
    } else if error.is_builder() {
        CallError::did_not_happen(Failure::new(FailureKind::Misconfigured))
    } else {
        CallError::open(effect, Failure::new(FailureKind::Timeout))
    }
}

/// Seconds; PayEx documents no header, so a date is not worth reading.
fn find_retry_after(response: &Response) -> Option<Duration> {
    let seconds = response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(Duration::from_secs(24 * 3600)))
}

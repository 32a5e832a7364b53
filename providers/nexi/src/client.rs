//! The only I/O of this adapter: one HTTP call, bounded in time and size, its outcome sorted.
//!
//! What must never: a retry (a create has no idempotency key), a followed redirect (it would carry
//! the key), and a URL, key or body in a log or an error (an agreement's URL holds its id).

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use mcpay_port::{Failure, FailureKind, ProviderError};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use reqwest::{Method, Response};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use url::Url;

use crate::config::Settings;
use crate::problem::{Effect, ErrorBody, Problem, answered, open};

const JSON: &str = "application/json";
const AGENT: &str = concat!("mcpay/", env!("CARGO_PKG_VERSION"));
/// Names the calling platform to Nexi's support.
const PLATFORM_TAG: (&str, &str) = ("CommercePlatformTag", "mcpay");
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// A payment with many charges and all their lines is some tens of kilobytes.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// One account's way to Nexi.
pub struct Client<'a> {
    pub http: &'a reqwest::Client,
    pub settings: &'a Settings,
    pub timeout: Duration,
}

/// A 2xx answer.
pub struct Answered<T> {
    pub status: u16,
    /// What Nexi's clock says, where the answer tells.
    pub date: Option<DateTime<Utc>>,
    pub body: T,
}

/// What is called.
struct Call<'a> {
    method: Method,
    url: Url,
    key: Option<&'a str>,
    body: Option<Vec<u8>>,
    effect: Effect,
}

impl Client<'_> {
    pub async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<Answered<T>, ProviderError> {
        self.call(Call::get(url, None)).await
    }

    /// What became of an earlier call with this idempotency key.
    pub async fn get_by_key<T: DeserializeOwned>(
        &self,
        url: Url,
        key: &str,
    ) -> Result<Answered<T>, ProviderError> {
        self.call(Call::get(url, Some(key))).await
    }

    pub async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        url: Url,
        body: &B,
    ) -> Result<Answered<T>, ProviderError> {
        self.call(Call::post(url, None, body)?).await
    }

    /// At most 63 visible characters of `key`; Nexi answers a repeated one as it did before.
    pub async fn post_with_key<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        url: Url,
        key: &str,
        body: &B,
    ) -> Result<Answered<T>, ProviderError> {
        self.call(Call::post(url, Some(key), body)?).await
    }

    /// A POST that Nexi answers with nothing.
    pub async fn post_silently<B: Serialize + Sync>(
        &self,
        url: Url,
        body: &B,
    ) -> Result<(), ProviderError> {
        self.call_silently(Call::post(url, None, body)?).await
    }

    /// A PUT without a body that Nexi answers with nothing.
    pub async fn put_silently(&self, url: Url) -> Result<(), ProviderError> {
        let call = Call {
            method: Method::PUT,
            effect: Effect::Possible,
            ..Call::get(url, None)
        };
        self.call_silently(call).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
    ) -> Result<Answered<T>, ProviderError> {
        let effect = call.effect;
        let answer = self.exchange(call).await?;
        let body = serde_json::from_slice(&answer.body)
            .map_err(|_| not_documented(effect, answer.status))?;
        Ok(Answered {
            status: answer.status,
            date: answer.date,
            body,
        })
    }

    async fn call_silently(&self, call: Call<'_>) -> Result<(), ProviderError> {
        let effect = call.effect;
        let Answered { status, body, .. } = self.exchange(call).await?;
        // A page of text comes from something that is not Nexi, and proves nothing.
        let is_nexis = body.is_empty() || serde_json::from_slice::<IgnoredAny>(&body).is_ok();
        if is_nexis {
            Ok(())
        } else {
            Err(not_documented(effect, status))
        }
    }

    /// One request and its 2xx answer, unread.
    async fn exchange(&self, call: Call<'_>) -> Result<Answered<Vec<u8>>, ProviderError> {
        let began_at = Instant::now();
        let Call {
            method,
            url,
            key,
            body,
            effect,
        } = call;
        let mut request = self
            .http
            .request(method.clone(), url.clone())
            .timeout(self.timeout)
            .header(AUTHORIZATION, self.authorization()?)
            .header(PLATFORM_TAG.0, PLATFORM_TAG.1)
            .header(ACCEPT, JSON)
            .header(USER_AGENT, AGENT);
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        request = match body {
            Some(body) => request.header(CONTENT_TYPE, JSON).body(body),
            // Some servers refuse a PUT that does not say how long its body is.
            None if method == Method::PUT => request.header(CONTENT_LENGTH, 0),
            None => request,
        };
        let response = request.send().await.map_err(|error| sort(effect, &error))?;
        let elapsed_ms = began_at.elapsed().as_millis();
        tracing::debug!(%method, status = response.status().as_u16(), elapsed_ms, "Nexi answered");
        if response.url() != &url {
            let failure = Failure::new(FailureKind::BadAnswer).titled("a redirect was followed");
            return Err(open(effect, failure));
        }
        self.read(effect, response).await
    }

    /// The secret key as it is: no `Bearer`, no `Basic`.
    fn authorization(&self) -> Result<HeaderValue, ProviderError> {
        let mut value = HeaderValue::from_str(self.settings.secret_key.expose_secret())
            .map_err(|_| misconfigured())?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn read(
        &self,
        effect: Effect,
        response: Response,
    ) -> Result<Answered<Vec<u8>>, ProviderError> {
        let status = response.status().as_u16();
        if !response.status().is_success() {
            let retry_after = find_retry_after(&response);
            let body = match read_body(response).await {
                Ok(body) if self.is_echoed(&body) => ErrorBody::Nexis(Problem::default()),
                Ok(body) => ErrorBody::read(&body),
                Err(_) => ErrorBody::Foreign,
            };
            return Err(answered(effect, status, &body, retry_after));
        }
        let date = find_date(&response);
        let body = read_body(response).await.map_err(|mut failure| {
            failure.status = Some(status);
            open(effect, failure)
        })?;
        Ok(Answered { status, date, body })
    }

    /// Whether an error body repeats the secret key, so that nothing of it may go on.
    fn is_echoed(&self, body: &[u8]) -> bool {
        let key = self.settings.secret_key.expose_secret().as_bytes();
        body.windows(key.len()).any(|window| window == key)
    }
}

impl<'a> Call<'a> {
    fn get(url: Url, key: Option<&'a str>) -> Self {
        Self {
            method: Method::GET,
            url,
            key,
            body: None,
            effect: Effect::None,
        }
    }

    fn post<B: Serialize>(url: Url, key: Option<&'a str>, body: &B) -> Result<Self, ProviderError> {
        let body = serde_json::to_vec(body).map_err(|_| misconfigured())?;
        Ok(Self {
            method: Method::POST,
            body: Some(body),
            effect: key.map_or(Effect::Possible, |_| Effect::Keyed),
            ..Self::get(url, key)
        })
    }
}

fn misconfigured() -> ProviderError {
    ProviderError::DidNotHappen(Failure::new(FailureKind::Misconfigured))
}

fn not_documented(effect: Effect, status: u16) -> ProviderError {
    let mut failure =
        Failure::new(FailureKind::BadAnswer).titled("the answer is not what Nexi documents");
    failure.status = Some(status);
    open(effect, failure)
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
        misconfigured()
    } else {
        open(effect, Failure::new(FailureKind::Timeout))
    }
}

/// Seconds; Nexi documents no header, so a date is not worth reading.
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

fn find_date(response: &Response) -> Option<DateTime<Utc>> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some(date.to_utc())
}

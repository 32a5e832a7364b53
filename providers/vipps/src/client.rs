//! One account's way to the provider: the token, the headers, the limits, the time that all calls of
//! one operation share, and the two repetitions that are harmless.
//!
//! A 401 with a stored token is repeated once with a new one. A create or charge whose answer was
//! lost is repeated once with the same `Idempotency-Key`, since the provider then gives the first
//! answer again. Nothing else is ever repeated here.

pub mod exchange;
pub mod limits;
pub mod token;

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use mcpay_port::{Failure, FailureKind, Operation, ProviderError};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::config::Settings;
use crate::link;
use crate::problem::Effect;
use exchange::{Answered, Request, exchange, plain, sensitive};
use limits::{Kind, Limit, Limits};
use token::{Bearer, Tokens};

pub const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// The service waits 12 seconds for an operation; by then the adapter must have told.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(11);
/// A repetition with less time than this would only be another lost answer.
const WORTH_REPEATING: Duration = Duration::from_millis(500);

/// One operation's way to the provider.
pub struct Client<'a> {
    pub http: &'a reqwest::Client,
    pub tokens: &'a Tokens,
    pub limits: Option<&'a Limits>,
    pub settings: &'a Settings,
    pub timeout: Duration,
    pub deadline: Instant,
}

/// What a call is, before it has a token.
pub struct Call {
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    key: Option<Operation>,
    continuation: Option<HeaderValue>,
    effect: Effect,
    limit: Option<Limit>,
    repeat: bool,
    subscription_key: bool,
}

impl Call {
    pub fn get(path: String) -> Self {
        Self::new(Method::GET, path, Effect::None)
    }

    pub fn post(path: String) -> Self {
        Self::new(Method::POST, path, Effect::Possible)
    }

    pub fn patch(path: String) -> Self {
        Self::new(Method::PATCH, path, Effect::Possible)
    }

    pub fn delete(path: String) -> Self {
        Self::new(Method::DELETE, path, Effect::Possible)
    }

    fn new(method: Method, path: String, effect: Effect) -> Self {
        Self {
            method,
            path,
            body: None,
            key: None,
            continuation: None,
            effect,
            limit: None,
            repeat: false,
            subscription_key: true,
        }
    }

    /// # Errors
    /// When the body cannot be written as JSON, so nothing was sent.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, ProviderError> {
        let misconfigured = |_| Failure::new(FailureKind::Misconfigured);
        let bytes = serde_json::to_vec(body).map_err(misconfigured);
        self.body = Some(bytes.map_err(ProviderError::DidNotHappen)?);
        Ok(self)
    }

    /// The operation's id is the `Idempotency-Key`.
    pub fn keyed(mut self, operation: Operation) -> Self {
        self.key = Some(operation);
        self
    }

    /// The call counts as one of `kind`, about `of`.
    pub fn limited(mut self, kind: Kind, of: impl Into<String>) -> Self {
        self.limit = Some(Limit::new(kind, of));
        self
    }

    /// A lost answer is asked for again.
    pub fn repeated(mut self) -> Self {
        self.repeat = true;
        self
    }

    pub fn without_subscription_key(mut self) -> Self {
        self.subscription_key = false;
        self
    }

    pub fn continued(mut self, continuation: Option<HeaderValue>) -> Self {
        self.continuation = continuation;
        self
    }
}

impl Client<'_> {
    pub async fn send(&self, call: &Call) -> Result<Answered, ProviderError> {
        let lost = match self.send_authorized(call).await {
            Err(ProviderError::MayHaveHappened(failure)) => failure,
            told => return told,
        };
        let came_back = matches!(
            lost.kind,
            FailureKind::Timeout | FailureKind::ProviderBroken
        );
        if !call.repeat || !came_back || self.time_left() < WORTH_REPEATING {
            return Err(ProviderError::MayHaveHappened(lost));
        }
        // Whatever the second call failed of, the first may have got through.
        self.send_authorized(call)
            .await
            .map_err(|error| ProviderError::MayHaveHappened(error.failure().clone()))
    }

    async fn send_authorized(&self, call: &Call) -> Result<Answered, ProviderError> {
        let bearer = self.bearer().await?;
        match self.send_once(call, &bearer).await {
            Err(error) if error.failure().kind == FailureKind::Unauthorized && !bearer.is_new => {
                self.tokens.forget(self.settings, &bearer).await;
                self.send_once(call, &self.bearer().await?).await
            }
            told => told,
        }
    }

    /// Counts `calls` that are about to be made, all or none.
    ///
    /// # Errors
    /// `DidNotHappen(RateLimited)` when the provider does not allow so many in a minute.
    pub fn count(&self, limit: &Limit, calls: NonZeroU32) -> Result<(), ProviderError> {
        self.limits
            .map_or(Ok(()), |limits| limits.take(self.settings, limit, calls))
    }

    async fn bearer(&self) -> Result<Bearer, ProviderError> {
        self.tokens
            .get(self.http, self.settings, self.timeout, self.deadline)
            .await
    }

    async fn send_once(&self, call: &Call, bearer: &Bearer) -> Result<Answered, ProviderError> {
        let limit = self.timeout.min(self.time_left());
        if limit.is_zero() {
            return Err(ProviderError::DidNotHappen(Failure::new(
                FailureKind::Timeout,
            )));
        }
        if let Some(limit) = &call.limit {
            self.count(limit, NonZeroU32::MIN)?;
        }
        let request = Request {
            method: call.method.clone(),
            url: link::own(self.settings, &call.path),
            headers: self.headers(call, bearer)?,
            body: call.body.clone(),
            effect: call.effect,
        };
        exchange(self.http, self.settings, request, limit).await
    }

    fn headers(&self, call: &Call, bearer: &Bearer) -> Result<HeaderMap, ProviderError> {
        let mut headers = HeaderMap::new();
        let authorization = format!("Bearer {}", bearer.secret.expose_secret());
        headers.insert(AUTHORIZATION, sensitive(&authorization)?);
        if call.subscription_key {
            let key = sensitive(self.settings.subscription_key.expose_secret())?;
            headers.insert("ocp-apim-subscription-key", key);
        }
        if let Some(operation) = call.key {
            headers.insert("idempotency-key", plain(&operation.id.to_string())?);
        }
        if let Some(continuation) = &call.continuation {
            headers.insert("continuation-token", continuation.clone());
        }
        Ok(headers)
    }

    fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

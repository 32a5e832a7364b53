//! What can go wrong at a provider, sorted by the only question that matters: may it have
//! happened?

use std::fmt;
use std::time::Duration;

/// The outcome of a call that did not simply succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The provider cannot have acted: nothing was sent, or it said no to the request itself.
    #[error("it did not happen: {0}")]
    DidNotHappen(Failure),
    /// The provider may have acted; only an inquiry can tell.
    #[error("it may have happened: {0}")]
    MayHaveHappened(Failure),
}

impl ProviderError {
    pub fn failure(&self) -> &Failure {
        match self {
            Self::DidNotHappen(failure) | Self::MayHaveHappened(failure) => failure,
        }
    }

    pub fn may_have_happened(&self) -> bool {
        matches!(self, Self::MayHaveHappened(_))
    }
}

/// Why. Holds nothing personal and nothing secret: it goes into logs and error bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    /// HTTP status, where the provider answered.
    pub status: Option<u16>,
    /// The provider's own code for it, e.g. the last part of a problem type.
    pub code: Option<String>,
    /// The provider's title for it.
    pub title: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection was made.
    Unreachable,
    /// No answer came in time, or the connection broke.
    Timeout,
    /// The provider said no to the request.
    Refused,
    /// It does not know what was asked about.
    NotFound,
    /// Our credentials were not accepted.
    Unauthorized,
    RateLimited {
        retry_after: Option<Duration>,
    },
    /// 5xx.
    ProviderBroken,
    /// An answer that is not what the provider documents.
    BadAnswer,
    /// The adapter cannot do this.
    Unsupported,
    /// The account's settings cannot be used.
    Misconfigured,
}

impl Failure {
    pub const fn new(kind: FailureKind) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            title: None,
        }
    }

    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)?;
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(code) = &self.code {
            write!(f, ", code {code}")?;
        }
        if let Some(title) = &self.title {
            write!(f, " ({title})")?;
        }
        Ok(())
    }
}

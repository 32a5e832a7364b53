//! Use-case errors become problems here and nowhere else.

use mcpay_port::Failure;

use super::problem::{Code, FieldProblem, Problem, ProviderResponse};
use crate::orders::service::OrderTrouble;
use crate::payments::Trouble;
use crate::payments::asked::{AskError, Told};
use crate::payments::notify::NotifyError;
use crate::payments::start::{InitiateError, InitiateOutcome};
use crate::payments::terms::FieldError;
use crate::ports::StoreError;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        match error {
            StoreError::Unavailable(_) => Self {
                retry_after_seconds: Some(2),
                ..Self::detailed(
                    Code::Unavailable,
                    "The service cannot reach its database right now. Try again soon, with the same Idempotency-Key where there was one.",
                )
            },
            StoreError::Constraint(_) | StoreError::Broken(_) => Self::new(Code::Internal),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NotFound => Self::detailed(Code::NotFound, "There is no such payment."),
            Trouble::NoAccount => {
                tracing::error!("a payment's account is not loaded");
                Self::new(Code::Internal)
            }
            Trouble::Store(error) => error.into(),
        }
    }
}

impl From<NotifyError> for Problem {
    /// One answer for a wrong key and for an unknown payment: neither can be probed.
    fn from(error: NotifyError) -> Self {
        match error {
            NotifyError::Forged(mcpay_port::Forged::Unreadable) => {
                Self::detailed(Code::InvalidRequest, "The callback's body cannot be read.")
            }
            NotifyError::Forged(_) | NotifyError::Trouble(Trouble::NotFound) => {
                Self::detailed(Code::NotFound, "There is no such callback address.")
            }
            NotifyError::Trouble(trouble) => trouble.into(),
        }
    }
}

impl From<InitiateError> for Problem {
    fn from(error: InitiateError) -> Self {
        match error {
            InitiateError::InvalidSign(why) => {
                tracing::info!(?why, "a token was refused");
                Self::detailed(Code::InvalidSign, why.detail())
            }
            InitiateError::Fields(errors) => Self {
                errors: fields(errors),
                ..Self::detailed(
                    Code::InvalidRequest,
                    "Fields of the token are missing or broken; errors lists every one.",
                )
            },
            InitiateError::MethodUnavailable => Self::detailed(
                Code::PaymentMethodUnavailable,
                "The client has no account for this payment method.",
            ),
            InitiateError::RateLimited(wait_seconds) => too_many_requests(wait_seconds),
            InitiateError::ReferenceUsed => reference_used("Sign a token with a new one."),
            InitiateError::KeyConflict => key_conflict(),
            InitiateError::KeyInProgress => key_in_progress(),
            InitiateError::Store(error) => error.into(),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::NotFound => Self::new(Code::NotFound),
            AskError::Fields(errors) => Self {
                errors: fields(errors),
                ..Self::detailed(
                    Code::InvalidRequest,
                    "Members of the body are missing or broken; errors lists every one.",
                )
            },
            AskError::KeyConflict => key_conflict(),
            AskError::KeyInProgress => key_in_progress(),
            AskError::NoAccount => Trouble::NoAccount.into(),
            AskError::Store(error) => error.into(),
        }
    }
}

impl From<OrderTrouble> for Problem {
    fn from(trouble: OrderTrouble) -> Self {
        match trouble {
            OrderTrouble::NotFound => Self::detailed(Code::NotFound, "There is no such order."),
            OrderTrouble::Fields(errors) => Self {
                errors: fields(errors),
                ..Self::detailed(
                    Code::InvalidRequest,
                    "Members of the body are missing or broken; errors lists every one.",
                )
            },
            OrderTrouble::StateConflict(why) => Self::detailed(Code::StateConflict, why),
            OrderTrouble::PaymentOpen => Self::detailed(
                Code::PaymentOpen,
                "The order is being paid on another page, which cannot be closed yet. Finish \
                 there, or try again in a minute.",
            ),
            OrderTrouble::Payment(trouble) => trouble.into(),
            OrderTrouble::Store(error) => error.into(),
        }
    }
}

fn fields(errors: Vec<FieldError>) -> Vec<FieldProblem> {
    let field = |error: FieldError| FieldProblem {
        field: error.field,
        code: error.code.to_owned(),
        message: error.message,
    };
    errors.into_iter().map(field).collect()
}

fn key_conflict() -> Problem {
    Problem::detailed(
        Code::IdempotencyConflict,
        "This Idempotency-Key came with another request before. Use a new key.",
    )
}

fn key_in_progress() -> Problem {
    Problem {
        retry_after_seconds: Some(1),
        ..Problem::detailed(
            Code::RequestInProgress,
            "A request with this Idempotency-Key is being worked on. Try again soon.",
        )
    }
}

fn reference_used(advice: &str) -> Problem {
    Problem::detailed(
        Code::ExternalReferenceUsed,
        format!("This externalReference was used before. {advice}"),
    )
}

fn provider_response(failure: &Failure) -> ProviderResponse {
    ProviderResponse {
        code: failure.code.clone(),
        title: failure.title.clone(),
    }
}

/// The problem of what a backend is told; `None` where it was done.
pub fn problem_of_told(told: &Told) -> Option<Problem> {
    match told {
        Told::Done(_) | Told::Accepted(_) | Told::Charged { .. } | Told::Stopped(_) => None,
        Told::AmountExceeded { left, what } => Some(Problem::detailed(
            Code::AmountExceeded,
            format!("Only {left} is {what}."),
        )),
        Told::StateConflict(why) => Some(Problem::detailed(Code::StateConflict, why)),
        Told::ReferenceUsed => Some(reference_used("Charge with a new one.")),
        Told::Refused(failure) => Some(Problem {
            provider_response: Some(provider_response(failure)),
            ..Problem::detailed(
                Code::ProviderRefused,
                "The payment provider refused the request; nothing was done. Its answer is in \
                 providerResponse.",
            )
        }),
        Told::Unavailable => Some(Problem::detailed(
            Code::ProviderUnavailable,
            "The payment provider could not be reached and nothing was done. Try again with a \
             new Idempotency-Key.",
        )),
        Told::Unknown(payment) => Some(outcome_unknown(*payment)),
    }
}

/// The problem of an outcome that is not a start; `None` for a start.
pub fn problem_of(outcome: &InitiateOutcome) -> Option<Problem> {
    match outcome {
        InitiateOutcome::Started { .. } => None,
        InitiateOutcome::Refused(failure) => Some(Problem {
            provider_response: Some(provider_response(failure)),
            ..Problem::detailed(
                Code::ProviderRefused,
                "The payment provider refused to start the payment. The externalReference is \
                 used up; try again with a new one.",
            )
        }),
        InitiateOutcome::Unavailable => Some(Problem::detailed(
            Code::ProviderUnavailable,
            "The payment provider could not be reached and no payment was started. Try again \
             with a new externalReference.",
        )),
        InitiateOutcome::Unknown { payment } => Some(outcome_unknown(*payment)),
    }
}

fn outcome_unknown(payment: mcpay_port::PaymentRef) -> Problem {
    Problem {
        payment: Some(payment),
        ..Problem::detailed(
            Code::OutcomeUnknown,
            "The payment provider did not answer in time. The service finds out what happened; \
             ask for the payment's status before you try again.",
        )
    }
}

pub fn too_many_requests(retry_after_seconds: u64) -> Problem {
    Problem {
        retry_after_seconds: Some(retry_after_seconds.max(1)),
        ..Problem::detailed(
            Code::RateLimited,
            "Too many requests. Wait as long as Retry-After says and try again.",
        )
    }
}

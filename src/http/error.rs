//! Use-case errors become problems here and nowhere else.

use mcpay_port::Failure;

use super::problem::{Code, FieldProblem, Problem, ProviderResponse};
use crate::orders::service::OrderTrouble;
use crate::payments::Trouble;
use crate::payments::initiate::{InitiateError, InitiateOutcome};
use crate::payments::notify::NotifyError;
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
                errors: told(errors),
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
            InitiateError::ReferenceUsed => Self::detailed(
                Code::ExternalReferenceUsed,
                "This externalReference was used before. Sign a token with a new one.",
            ),
            InitiateError::KeyConflict => Self::detailed(
                Code::IdempotencyConflict,
                "This Idempotency-Key came with another body before. Use a new key.",
            ),
            InitiateError::KeyInProgress => Self {
                retry_after_seconds: Some(1),
                ..Self::detailed(
                    Code::RequestInProgress,
                    "A request with this Idempotency-Key is being worked on. Try again soon.",
                )
            },
            InitiateError::Store(error) => error.into(),
        }
    }
}

impl From<OrderTrouble> for Problem {
    fn from(trouble: OrderTrouble) -> Self {
        match trouble {
            OrderTrouble::NotFound => Self::detailed(Code::NotFound, "There is no such order."),
            OrderTrouble::Fields(errors) => Self {
                errors: told(errors),
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

fn told(errors: Vec<FieldError>) -> Vec<FieldProblem> {
    let told = errors.into_iter().map(|error| FieldProblem {
        field: error.field,
        code: error.code.to_owned(),
        message: error.message,
    });
    told.collect()
}

/// The problem of an outcome that is not a start; `None` for a start.
pub fn problem_of(outcome: &InitiateOutcome) -> Option<Problem> {
    match outcome {
        InitiateOutcome::Started { .. } => None,
        InitiateOutcome::Refused(Failure { code, title, .. }) => Some(Problem {
            provider_response: Some(ProviderResponse {
                code: code.clone(),
                title: title.clone(),
            }),
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

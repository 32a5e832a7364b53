//! The codes of problems (CONTRACT 4.5): one line a code, and nothing about a code anywhere else.

use serde::Serialize;
use utoipa::ToSchema;

macro_rules! codes {
    ($($name:ident: $status:literal, $code:literal, $title:literal, $exception:literal;)+) => {
        /// The stable code of a problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        pub enum Code { $(#[serde(rename = $code)] $name),+ }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// What existing `ConnectID` clients read.
            pub const fn exception_type(self) -> &'static str {
                match self { $(Self::$name => $exception),+ }
            }
        }
    };
}

codes! {
    InvalidRequest: 400, "invalid_request", "The request is not valid", "InvalidRequestException";
    InvalidSign: 401, "invalid_sign", "The signature is not valid", "InvalidSignException";
    InvalidToken: 401, "invalid_token", "The access token is not valid", "InvalidTokenException";
    ExternalReferenceUsed: 409, "external_reference_used", "The external reference was used before", "ExternalReferenceUsedException";
    IdempotencyConflict: 422, "idempotency_conflict", "The Idempotency-Key came with another body", "IdempotencyConflictException";
    RequestInProgress: 409, "request_in_progress", "The same request is still being worked on", "RequestInProgressException";
    PaymentMethodUnavailable: 400, "payment_method_unavailable", "The payment method is not set up", "PaymentMethodUnavailableException";
    NotFound: 404, "not_found", "There is no such thing", "NotFoundException";
    StateConflict: 409, "state_conflict", "It cannot be done to something that stands like this", "StateConflictException";
    AmountExceeded: 409, "amount_exceeded", "That is more than is left", "AmountExceededException";
    PaymentOpen: 409, "payment_open", "The orders have an open payment already", "PaymentOpenException";
    Gone: 410, "gone", "It is not there any more", "GoneException";
    MethodNotAllowed: 405, "method_not_allowed", "The address does not take this method", "MethodNotAllowedException";
    ProviderRefused: 502, "provider_refused", "The payment provider refused the request", "ProviderRefusedException";
    ProviderUnavailable: 503, "provider_unavailable", "The payment provider cannot be reached", "ProviderUnavailableException";
    OutcomeUnknown: 504, "outcome_unknown", "It is not known yet what became of the payment", "OutcomeUnknownException";
    RateLimited: 429, "rate_limited", "Too many requests", "RateLimitException";
    PayloadTooLarge: 413, "payload_too_large", "The body is too large", "PayloadTooLargeException";
    Unavailable: 503, "unavailable", "The service is not available right now", "UnavailableException";
    Internal: 500, "internal", "Something went wrong here", "InternalException";
}

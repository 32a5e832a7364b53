//! Why a token was refused: precise for logs, careful for the caller.

/// The reason, as it may stand in a log: it names no key and no claim's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSign {
    #[error("no such client")]
    UnknownClient,
    #[error("the token is longer than 64 KiB")]
    TooLong,
    #[error("the token is not a signed JWT")]
    NotAToken,
    #[error("the token's header demands an extension (crit)")]
    CriticalHeader,
    #[error("the token's algorithm is not one of the key it names, or of any live key")]
    WrongAlgorithm,
    #[error("the token names a key that is not live")]
    UnknownKey,
    #[error("the signature is wrong")]
    WrongSignature,
    #[error("the token's clientCode is not the request's")]
    OtherClient,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token has neither exp nor iat")]
    NoTime,
    #[error("exp, nbf or iat is not a time in seconds, or stands there twice")]
    BadTime,
}

impl InvalidSign {
    /// The sentence for the caller. Everything that somebody who probes for keys or clients could
    /// learn from gets one and the same answer.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::UnknownClient
            | Self::WrongAlgorithm
            | Self::UnknownKey
            | Self::WrongSignature
            | Self::OtherClient => {
                "The token could not be verified. Check the clientCode (the same in the request \
                 and in the token), the signing key and its algorithm."
            }
            Self::TooLong => "The token is longer than 64 KiB. Send only the documented claims.",
            Self::NotAToken => {
                "The sign is not a signed JWT: send header.payload.signature in unpadded \
                 base64url, with a JSON object as payload."
            }
            Self::CriticalHeader => {
                "The token's header has crit, and no extension is supported. Leave it out."
            }
            Self::Expired => {
                "The token has expired. Sign a new one shortly before paymentInit; without exp a \
                 token is valid for one hour from iat."
            }
            Self::NotYetValid => {
                "The token is not valid yet: nbf or iat lies in the future. Check the clock of \
                 the machine that signs."
            }
            Self::NoTime => "The token has no time claim. Set exp, or at least iat.",
            Self::BadTime => {
                "The token's exp, nbf and iat must each stand there once at most, as a number of \
                 seconds since 1970-01-01T00:00:00Z."
            }
        }
    }
}

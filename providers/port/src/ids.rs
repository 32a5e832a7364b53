//! The identifiers that cross the port. Each has a type of its own, so that none can be mistaken
//! for another. They are made by whoever starts the thing, never here.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// When it was made: the service's ids are version 7 UUIDs, which hold the time.
            pub fn made_at(self) -> Option<DateTime<Utc>> {
                let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
                DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        /// Accepts only the form the service itself writes: lower case, hyphenated.
        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                let id = Uuid::parse_str(text)?;
                if id.to_string() == text { Ok(Self(id)) } else { Uuid::parse_str("").map(Self) }
            }
        }
    };
}

id! {
    /// A payment: `mcPayRef`, a version 7 UUID, and the reference the provider is given.
    PaymentRef
}
id! {
    /// One attempt on a payment (initiate, capture, …); where the provider takes an idempotency
    /// key, this is it.
    OperationId
}
id! {
    /// A standing permission to charge.
    AgreementId
}
id! {
    /// One version of a client's account at a provider.
    AccountId
}

/// The provider's own identifier of a payment; opaque to everybody but its adapter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderRef(pub String);

impl ProviderRef {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_service_says_when_it_was_made_and_another_does_not() {
        let made_at = "019a8d4e-7b7c-7d3e-8f00-0123456789ab"
            .parse()
            .map(OperationId::made_at);
        let known = DateTime::from_timestamp_millis(1_763_307_322_236);
        assert_eq!(made_at.unwrap(), known);
        assert_eq!(OperationId(Uuid::from_u128(35)).made_at(), None);
    }

    #[test]
    fn only_the_form_the_service_writes_is_read() {
        let text = "019a8d4e-7b7c-7d3e-8f00-0123456789ab";
        assert_eq!(text.parse::<PaymentRef>().unwrap().to_string(), text);
        for other in [
            text.to_uppercase(),
            text.replace('-', ""),
            format!("{{{text}}}"),
        ] {
            assert!(other.parse::<PaymentRef>().is_err(), "{other}");
        }
    }
}

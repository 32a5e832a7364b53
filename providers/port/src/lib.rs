//! The contract between mcpay and its payment providers.
//!
//! What lives here: the trait every adapter implements ([`Provider`]), the words both sides speak
//! ([`Money`], [`PaymentOrder`], [`Snapshot`], [`ProviderError`]) and, behind the feature
//! `testing`, the conformance suite every adapter passes.
//! What must never: I/O, SQL, HTTP, or the name of one provider's field. The service and the
//! adapters both depend on this crate and never on each other, so that a provider can be added,
//! replaced or simulated without touching a rule about money.
//!
//! An adapter promises four things:
//! 1. **It tells what happened, not what it hopes.** [`ProviderError::DidNotHappen`] is only
//!    returned when the provider cannot have acted; everything else is
//!    [`ProviderError::MayHaveHappened`].
//! 2. **Calling twice moves money once**, where the provider allows it: the [`OperationId`] is the
//!    provider's idempotency key. Where the provider has none, the adapter never resends.
//! 3. **A status it does not know is [`Standing::Unknown`]**, never success and never failure.
//! 4. **It keeps no secrets in errors.** A [`Failure`] carries the provider's code and title, no
//!    personal data, no token, no URL.

pub mod account;
pub mod agreement;
pub mod capabilities;
pub mod error;
pub mod ids;
pub mod method;
pub mod money;
pub mod notification;
pub mod operation;
pub mod order;
pub mod profile;
pub mod provider;
pub mod snapshot;
pub mod view;
pub mod webhooks;

#[cfg(feature = "testing")]
pub mod conformance;

pub use account::{Account, AccountProblem, AccountSettings};
pub use agreement::{AgreementRef, AgreementTerms, ChargeOrder, Charged, Period, PeriodUnit};
pub use capabilities::{
    AgreementEnd, Capabilities, ChargeCapabilities, InquiryBudget, KeptCharges, Polling,
};
pub use error::{Failure, FailureKind, ProviderError};
pub use ids::{AccountId, AgreementId, OperationId, PaymentRef, ProviderRef};
pub use method::{Flow, PaymentMethod, ProviderId, Recurring};
pub use money::{Currency, Money, MoneyError};
pub use notification::{Forged, Hint, RawNotification};
pub use operation::{Operation, Progress};
pub use order::{Payer, PaymentOrder, Urls};
pub use profile::{Profile, Profiles};
pub use provider::Provider;
pub use snapshot::{
    AgreementToken, Attempt, ChargeAttempt, EndReason, Permission, RefundSeen, Snapshot, Standing,
};
pub use view::{NextStep, Started, View};
pub use webhooks::{RegisteredAddress, Registration, Webhooks};

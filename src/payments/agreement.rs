//! Agreements as the service keeps them: opened by a first payment, active once the provider has
//! given its token.

use chrono::{DateTime, Utc};
use mcpay_port::{AccountId, AgreementId, Money, PaymentMethod, PaymentRef};
use secrecy::SecretString;

use crate::catalogue::CouponRef;
use crate::clients::ClientCode;

/// An agreement that is asked for; not active yet.
#[derive(Clone, Debug)]
pub struct NewAgreement {
    pub id: AgreementId,
    pub client: ClientCode,
    pub account: AccountId,
    /// The payment that opens it.
    pub first_payment: PaymentRef,
    /// The recurring price.
    pub amount: Money,
    pub coupon: CouponRef,
    /// Identifies the payer at the provider without telling who it is.
    pub payer_reference: String,
    pub created_at: DateTime<Utc>,
}

/// The provider has given its permission.
#[derive(Clone, Debug)]
pub struct Activation {
    pub id: AgreementId,
    /// Moves money: stored encrypted, never logged.
    pub token: SecretString,
    pub activated_at: DateTime<Utc>,
}

/// Nobody may charge it any more.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    pub id: AgreementId,
    /// The version that the change was made from.
    pub version: i64,
    pub stopped_at: DateTime<Utc>,
    /// Where the provider knows no end, nobody can charge what nobody remembers.
    pub forget_token: bool,
}

named! {
    /// How an agreement stands.
    AgreementStatus {
        /// The payer has not agreed yet.
        Pending => "pending",
        Active => "active",
        Stopped => "stopped",
    }
}

/// An agreement as it is stored, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub id: AgreementId,
    pub client: ClientCode,
    /// The account version it began with, and keeps (CONTRACT 8.15).
    pub account: AccountId,
    pub first_payment: PaymentRef,
    pub method: PaymentMethod,
    /// The recurring price.
    pub amount: Money,
    pub coupon: CouponRef,
    pub payer_reference: String,
    pub status: AgreementStatus,
    pub version: i64,
    /// How many events this agreement has told.
    pub event_sequence: i64,
    pub created_at: DateTime<Utc>,
    pub activated_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
}

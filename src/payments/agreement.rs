//! Agreements as the service keeps them: opened by a first payment, active once the provider has
//! given its token.

use chrono::{DateTime, Utc};
use mcpay_port::{AccountId, AgreementId, Money, PaymentRef};
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

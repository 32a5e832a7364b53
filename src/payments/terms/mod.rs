//! What a payment is about, read from the claims of a verified token (CONTRACT 4.1, 8.1, 8.7).
//!
//! Pure: claims and the client's profile in, terms or every broken field out. What must never live
//! here: signatures, the store, a provider's limits, or a claim's value in a message.

mod decimal;
mod field_error;

use mcpay_port::{Flow, Money, PaymentMethod, PaymentRef, Period};
use secrecy::SecretString;
use url::Url;

use crate::clients::ClientProfile;
use crate::payments::payment::CouponRef;
use crate::signing::Claims;

pub use decimal::{DecimalProblem, read_decimal};
pub use field_error::FieldError;

/// What the request itself tells of the page, besides the token.
#[derive(Clone, Debug, Default)]
pub struct PageHints {
    /// `pageUrl` of the body.
    pub page_url: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
}

/// Everything that was agreed on, checked. `Debug` masks the phone number.
#[derive(Clone, Debug)]
pub struct Terms {
    pub external_reference: String,
    pub method: PaymentMethod,
    pub flow: Flow,
    /// Taken now (CONTRACT 8.1). Zero only with an agreement.
    pub amount: Money,
    /// The part of `amount` that is VAT.
    pub vat: Money,
    pub agreement: Option<AgreementPrice>,
    pub coupon: Option<CouponRef>,
    pub description: Option<String>,
    /// E.164, with the plus sign.
    pub phone_number: Option<SecretString>,
    pub profile_scope: Vec<String>,
    pub return_url: Option<Url>,
    pub checkout_url: Option<Url>,
    /// The page of CONTRACT 8.7, before [`page_with_reference`].
    pub page_url: Url,
}

/// What each later charge of the agreement will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgreementPrice {
    pub amount: Money,
    /// From the coupon.
    pub period: Option<Period>,
}

/// Reads and checks all claims of 4.1's table.
///
/// # Errors
/// Every broken field, in the order of the table.
pub fn read_terms(
    claims: &Claims,
    profile: &ClientProfile,
    page: &PageHints,
    outer_client_code: &str,
) -> Result<Terms, Vec<FieldError>> {
    let _ = (claims, profile, page, outer_client_code);
    Err(vec![FieldError::new("sign", "invalid", "Not yet read.")])
}

/// The page with `mcPayRef` in its query: an old one is replaced, the rest stays as it is.
pub fn page_with_reference(page: &Url, reference: PaymentRef) -> Url {
    let mut page = page.clone();
    page.query_pairs_mut()
        .append_pair("mcPayRef", &reference.to_string());
    page
}

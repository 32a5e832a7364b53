//! What a payment is about, read from the claims of a verified token (CONTRACT 4.1, 8.1, 8.7).
//!
//! Pure: claims and the client's profile in, terms or every broken field out. What must never live
//! here: signatures, the store, a provider's limits, or a claim's value in a message.

mod choice;
mod field_error;
mod pages;
mod phone;
mod price;
mod reader;
mod texts;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use mcpay_port::{Flow, Money, PaymentMethod, Period};
use secrecy::SecretString;
use url::Url;

use crate::catalogue::CouponRef;
use crate::clients::ClientProfile;
use crate::signing::Claims;

pub use field_error::FieldError;
pub use pages::page_with_reference;

use reader::Reader;

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

/// Reads and checks all claims of 4.1's table, as they hold at `now`. Claims that it does not name
/// are ignored.
///
/// # Errors
/// Every broken field at once.
pub fn read_terms(
    claims: &Claims,
    profile: &ClientProfile,
    page: &PageHints,
    outer_client_code: &str,
    now: DateTime<Utc>,
) -> Result<Terms, Vec<FieldError>> {
    let mut reader = Reader::new(claims);
    texts::read_client_code(&mut reader, outer_client_code);
    let choice = choice::read_choice(&mut reader);
    let price = price::read_price(&mut reader, profile, choice.recurring, now);
    let description = texts::read_description(&mut reader);
    let external_reference = texts::read_external_reference(&mut reader);
    let phone_number = phone::read_phone_number(&mut reader, &profile.client.country);
    let pages = pages::read_pages(&mut reader, profile, page, &choice);
    let errors = reader.into_errors();
    if !errors.is_empty() {
        return Err(errors);
    }
    let (Some(method), Some(flow)) = (choice.method, choice.flow) else {
        return Err(errors);
    };
    let (Some(price), Some(external_reference), Some(pages)) = (price, external_reference, pages)
    else {
        return Err(errors);
    };
    Ok(Terms {
        external_reference,
        method,
        flow,
        amount: price.amount,
        vat: price.vat,
        agreement: price.agreement,
        coupon: price.coupon,
        description,
        phone_number,
        profile_scope: choice.scope,
        return_url: pages.back,
        checkout_url: pages.checkout,
        page_url: pages.page,
    })
}

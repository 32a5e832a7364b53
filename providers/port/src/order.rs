//! What a provider needs to know to start a payment.

use std::fmt;

use secrecy::SecretString;
use url::Url;

use crate::{AgreementTerms, Flow, Money, PaymentMethod, PaymentRef};

/// The intent, as stored before the provider hears of it.
#[derive(Clone, Debug)]
pub struct PaymentOrder {
    pub reference: PaymentRef,
    pub method: PaymentMethod,
    pub flow: Flow,
    /// Taken now. Zero only with an agreement: then the card or phone is only registered.
    pub amount: Money,
    /// The part of `amount` that is VAT.
    pub vat: Money,
    /// Present when the payer also permits later charges.
    pub agreement: Option<AgreementTerms>,
    /// Shown to the payer; the adapter cuts it to the provider's limit.
    pub description: String,
    /// BCP 47, e.g. `nb-NO`.
    pub language: String,
    /// The client's country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Whether the money is taken as soon as the payer approves, for providers that must be told
    /// when the payment is created. Elsewhere the service captures.
    pub capture_at_once: bool,
    pub payer: Payer,
    pub urls: Urls,
    /// 32 alphanumeric characters that only the provider and we know, for providers that send an
    /// agreed value with each notification.
    pub callback_key: SecretString,
}

/// What is known of the person. All of it is personal: none of it may be logged or put in errors.
#[derive(Clone, Debug, Default)]
pub struct Payer {
    /// E.164, with the plus sign.
    pub phone_number: Option<SecretString>,
    /// The browser's user agent.
    pub user_agent: Option<String>,
    pub profile_scope: Vec<String>,
}

/// Where the provider finds us and the payer's page. Some of them hold keys, so `Debug` shows only
/// where they lead.
#[derive(Clone)]
pub struct Urls {
    /// The page that shows a seamless view, with `mcPayRef` in its query (CONTRACT 8.7).
    pub page: Url,
    /// Origins that may embed the view: `https://shop.example`.
    pub host_origins: Vec<String>,
    /// Where the browser goes when the payer is done.
    pub complete: Url,
    /// Where the browser goes when the payer gave up.
    pub cancel: Url,
    /// Where the provider's notifications go; holds the callback key where the provider signs
    /// nothing.
    pub callback: Url,
    pub terms: Option<Url>,
    /// Where the payer manages an agreement.
    pub agreement: Option<Url>,
}

impl fmt::Debug for Urls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Urls")
            .field("page", &self.page.host_str())
            .field("complete", &self.complete.host_str())
            .field("callback", &self.callback.host_str())
            .finish_non_exhaustive()
    }
}

//! Come back: the browser of a fulfilment returns from the provider (CONTRACT 8.6). The provider is
//! asked, the money is waited for, and the browser goes to its merchant.

use mcpay_port::PaymentRef;
use url::Url;

use super::enter::FulfilmentStatus;
use super::order::SetStatus;
use super::service::{OrderTrouble, Orders};
use crate::payments::payment::Reason;

impl Orders {
    /// Where the browser goes, and what it tells there.
    ///
    /// # Errors
    /// [`OrderTrouble::NotFound`] when no fulfilment began this payment.
    pub async fn come_back(
        &self,
        reference: PaymentRef,
    ) -> Result<(Url, FulfilmentStatus), OrderTrouble> {
        let set = self.store.find_set_of(reference).await?;
        let set = set.ok_or(OrderTrouble::NotFound)?;
        self.payments.inquire(reference).await?;
        let bundle = self.settle(set).await?;
        let back = bundle.set.return_url.ok_or(OrderTrouble::NotFound)?;
        let back = Url::parse(&back).map_err(|_| OrderTrouble::NotFound)?;
        let status = match bundle.set.status {
            SetStatus::Settled => FulfilmentStatus::Success,
            SetStatus::Open => FulfilmentStatus::Unknown,
            SetStatus::Dissolved => {
                let payment = self.payments.get_payment(reference).await?;
                if payment.reason == Some(Reason::Cancel) {
                    FulfilmentStatus::Cancel
                } else {
                    FulfilmentStatus::Error
                }
            }
        };
        Ok((back, status))
    }
}

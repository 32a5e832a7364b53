//! Notify: a provider's callback is checked, stored as a hint, answered, and then worked on
//! (CONTRACT 8.9). It never changes state by itself.

use std::sync::Arc;

use mcpay_port::{Forged, PaymentRef, ProviderId, RawNotification};

use super::budget::Asker;
use super::service::{Payments, Trouble};
use crate::clients::callback_key::callback_key;

/// A callback as it came in.
pub struct Callback<'a> {
    pub provider: ProviderId,
    pub payment: PaymentRef,
    /// The key in the path, where the provider's URL has one.
    pub key: Option<&'a str>,
    /// Lower-case names.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    #[error(transparent)]
    Forged(#[from] Forged),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Payments {
    /// Returns once the hint is stored; the inquiry goes on in the background.
    pub async fn notify(self: &Arc<Self>, callback: &Callback<'_>) -> Result<(), NotifyError> {
        let payment = self.get_payment(callback.payment).await?;
        let (account, provider) = match self.provider_of(&payment) {
            Err(Trouble::NoAccount) => {
                // Another instance may have learnt of the account a moment before this one.
                self.registry
                    .refresh_if_changed()
                    .await
                    .map_err(Trouble::from)?;
                self.provider_of(&payment)?
            }
            found => found?,
        };
        if account.account.provider != callback.provider {
            return Err(Trouble::NotFound.into());
        }
        let expected = callback_key(
            &account.callback_secret,
            account.account.provider,
            payment.reference,
        );
        let hint = provider.read_notification(
            &account.account,
            &RawNotification {
                payment: Some(callback.payment),
                key: callback.key,
                expected_key: &expected,
                registration: None,
                received_at: self.clock.now(),
                headers: callback.headers,
                body: callback.body,
            },
        )?;
        self.store
            .record_hint(hint.payment, hint.provider_ref.as_ref(), self.clock.now())
            .await
            .map_err(Trouble::from)?;
        let payments = Arc::clone(self);
        self.background.spawn(async move {
            let asked = payments.inquire_anew(hint.payment, Asker::Happening).await;
            if let Err(error) = asked {
                tracing::warn!(mc_pay_ref = %hint.payment, %error, "the hint waits for the timer");
            }
        });
        Ok(())
    }
}

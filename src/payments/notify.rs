//! Notify: a provider's callback is checked, stored as a hint, answered, and then worked on
//! (CONTRACT 8.9). It never changes state by itself.

use std::sync::Arc;

use mcpay_port::{AccountId, Forged, Hint, PaymentRef, ProviderId, RawNotification, Registration};
use secrecy::SecretString;

use super::budget::Asker;
use super::payment::Payment;
use super::registration::RegistrationId;
use super::service::{Payments, Trouble};
use crate::clients::StoredAccount;
use crate::clients::callback_key::callback_key;

/// A callback as it came in.
pub struct Callback<'a> {
    pub provider: ProviderId,
    /// What the address names: a payment, or a registration where the provider has those.
    pub name: &'a str,
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
        let provider = self.providers.get(&callback.provider);
        let is_registered = provider.is_some_and(|provider| provider.webhooks().is_some());
        let hint = if is_registered {
            self.read_registered(callback).await?
        } else {
            Some(self.read_own(callback).await?)
        };
        if let Some(hint) = hint {
            self.take(hint).await?;
        }
        Ok(())
    }

    /// The address names the payment.
    async fn read_own(&self, callback: &Callback<'_>) -> Result<Hint, NotifyError> {
        let named: PaymentRef = callback.name.parse().map_err(|_| Trouble::NotFound)?;
        let payment = self.get_payment(named).await?;
        self.known_account(payment.account).await?;
        let (account, provider) = self.provider_of(&payment)?;
        if account.account.provider != callback.provider {
            return Err(Trouble::NotFound.into());
        }
        let expected = callback_key(
            &account.callback_secret,
            account.account.provider,
            payment.reference,
        );
        let raw = self.raw(callback, Some(named), &expected, None);
        Ok(provider.read_notification(&account.account, &raw)?)
    }

    /// The address names a registration, and the signed body a payment of its account. What is
    /// signed and about no payment of this client is none of our business: the sales unit may have
    /// other systems and clients, and refusing it would only bring it again.
    async fn read_registered(&self, callback: &Callback<'_>) -> Result<Option<Hint>, NotifyError> {
        let named: RegistrationId = callback.name.parse().map_err(|()| Trouble::NotFound)?;
        let found = self.store.find_registration(named).await;
        let stored = found.map_err(Trouble::from)?.ok_or(Trouble::NotFound)?;
        let registered = stored.registered.as_ref().ok_or(Trouble::NotFound)?;
        let account = self.known_account(stored.account).await?;
        let provider = self.providers.get(&callback.provider);
        let provider = provider
            .filter(|_| account.account.provider == callback.provider && callback.key.is_none())
            .ok_or(Trouble::NotFound)?;
        let expected = SecretString::default();
        let raw = self.raw(callback, None, &expected, Some(registered));
        let hint = match provider.read_notification(&account.account, &raw) {
            Err(Forged::Unreadable) => return Ok(None),
            Err(forged) => {
                // Who knows the address and not the secret is a stranger, or ours is a wrong one.
                tracing::warn!(registration = %named, "a notification is not proved by its signature");
                return Err(forged.into());
            }
            Ok(hint) => hint,
        };
        let found = self.store.find_payment(hint.payment).await;
        let is_ours = found.map_err(Trouble::from)?.is_some_and(|payment| {
            payment.account == stored.account || self.is_of_client(&payment, stored.account)
        });
        Ok(is_ours.then_some(hint))
    }

    /// Whether the account is the one that the payment's client has now: a newer version of the
    /// payment's own.
    fn is_of_client(&self, payment: &Payment, account: AccountId) -> bool {
        let profile = self.registry.profile(payment.client.as_str());
        profile.is_some_and(|profile| {
            profile.accounts.get(&payment.method.provider()) == Some(&account)
        })
    }

    /// Another instance may have learnt of the account a moment before this one.
    async fn known_account(&self, id: AccountId) -> Result<Arc<StoredAccount>, Trouble> {
        if let Some(account) = self.registry.account(id) {
            return Ok(account);
        }
        self.registry.refresh_if_changed().await?;
        self.account(id)
    }

    fn raw<'a>(
        &self,
        callback: &Callback<'a>,
        payment: Option<PaymentRef>,
        expected_key: &'a SecretString,
        registration: Option<&'a Registration>,
    ) -> RawNotification<'a> {
        RawNotification {
            payment,
            key: callback.key,
            expected_key,
            registration,
            received_at: self.clock.now(),
            headers: callback.headers,
            body: callback.body,
        }
    }

    /// Stores the hint, then works on it.
    async fn take(self: &Arc<Self>, hint: Hint) -> Result<(), Trouble> {
        self.store
            .record_hint(hint.payment, hint.provider_ref.as_ref(), self.clock.now())
            .await?;
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

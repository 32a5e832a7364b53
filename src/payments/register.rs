//! Register: have every account's provider notify us, where it sends only to registered addresses
//! (CONTRACT 8.9). Each account and public URL has one registration.
//!
//! Claim, commit, register, record. A registration whose secret nobody stored is worth nothing and
//! is removed at the provider; so is that of an account which nothing is heard of any more. Without
//! any, payments are followed by polling alone.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::stream::{self, StreamExt as _};
use mcpay_port::{FailureKind, Provider, ProviderError, RegisteredAddress, Registration, Webhooks};
use url::Url;

use super::intent::extend_path;
use super::registration::{RegistrationId, StoredRegistration};
use super::service::{Payments, Trouble, within_limit};
use crate::clients::StoredAccount;
use crate::ports::StoreError;

/// Whoever has not recorded an answer by then has died.
const CLAIM_LIMIT: TimeDelta = TimeDelta::seconds(60);

/// How many accounts are looked at side by side.
const AT_ONCE: usize = 8;

/// How a registration stands after a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The provider knows it, and we its secret.
    Kept,
    /// It was made anew.
    Made,
    /// Another instance is registering.
    InProgress,
    /// Nothing is to be heard of the account any more, so it has none.
    NotNeeded,
}

/// Why an account has no registration.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("{0}")]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl From<StoreError> for RegisterError {
    fn from(error: StoreError) -> Self {
        Self::Trouble(error.into())
    }
}

impl Payments {
    /// Looks after the registrations that are due: all when the process starts and daily, and an
    /// account's as soon as it appears.
    pub async fn keep_registered(&self) {
        let now = self.clock.now();
        let due = self.registry.accounts().into_iter().filter(|account| {
            self.webhooks_of(account).is_some() && self.looks.is_due(account.account.id, now)
        });
        stream::iter(due)
            .for_each_concurrent(AT_ONCE, |account| async move {
                self.keep_one_registered(&account).await;
            })
            .await;
    }

    async fn keep_one_registered(&self, account: &StoredAccount) {
        let outcome = self.register(account).await;
        let (id, now) = (account.account.id, self.clock.now());
        match outcome {
            Ok(Registered::InProgress) => self.looks.note(id, now, Some(true)),
            Ok(_) => self.looks.note(id, now, None),
            Err(error) => {
                report(account, &error, &self.public_url);
                self.looks.note(id, now, Some(passes(&error)));
            }
        }
    }

    /// The adapter that serves the account, if it sends to registered addresses only.
    fn webhooks_of(&self, account: &StoredAccount) -> Option<Arc<dyn Provider>> {
        let provider = self.providers.get(&account.account.provider)?;
        provider.webhooks().is_some().then(|| Arc::clone(provider))
    }

    /// Compares what is stored with what the provider lists, and mends what is missing.
    ///
    /// # Errors
    /// When the provider or the store does not do it.
    pub async fn register(&self, account: &StoredAccount) -> Result<Registered, RegisterError> {
        let provider = self.webhooks_of(account).ok_or(Trouble::NoAccount)?;
        let webhooks = provider.webhooks().ok_or(Trouble::NoAccount)?;
        let id = account.account.id;
        let is_wanted = account.current || self.store.is_account_in_use(id).await?;
        let stored = self
            .store
            .find_registration_of(id, &self.public_url)
            .await?;
        if !is_wanted && stored.is_none() {
            return Ok(Registered::NotNeeded);
        }
        let call = webhooks.list(&account.account);
        let listed = within_limit(call, ProviderError::DidNotHappen).await?;
        if !is_wanted {
            self.unregister(account, webhooks, stored.as_ref()).await?;
            return Ok(Registered::NotNeeded);
        }
        self.remove_orphans(account, webhooks, &listed).await?;
        match &stored {
            Some(known) if is_kept(known, &listed) => return Ok(Registered::Kept),
            Some(known) if self.is_in_progress(known) => return Ok(Registered::InProgress),
            Some(known) if find_listed(known, &listed).is_some() => {
                return self.replace(account, webhooks, known).await;
            }
            _ => {}
        }
        let former = stored.map(|known| known.id);
        self.register_anew(account, webhooks, former).await
    }

    /// In the place of one that does not hear of everything: registered before the former one goes, so
    /// that nothing is missed meanwhile.
    async fn replace(
        &self,
        account: &StoredAccount,
        webhooks: &dyn Webhooks,
        former: &StoredRegistration,
    ) -> Result<Registered, RegisterError> {
        let claim = self.claim(account);
        let call = webhooks.register(&account.account, &claim.url);
        let registered = within_limit(call, ProviderError::MayHaveHappened).await?;
        let replaced = self
            .store
            .claim_registration(&claim, Some(former.id))
            .await?
            && self
                .store
                .finish_registration(claim.id, &registered)
                .await?;
        if !replaced {
            remove(account, webhooks, &registered.id).await?;
            return Ok(Registered::InProgress);
        }
        if let Some(former) = &former.registered {
            remove(account, webhooks, &former.id).await?;
        }
        tracing::info!(account = %account.account.id, "webhooks are registered for all events");
        Ok(Registered::Made)
    }

    /// Whether the provider knows the registration that is stored; changes nothing.
    ///
    /// # Errors
    /// When the provider or the store does not tell.
    pub async fn is_registered(&self, account: &StoredAccount) -> Result<bool, RegisterError> {
        let provider = self.webhooks_of(account).ok_or(Trouble::NoAccount)?;
        let webhooks = provider.webhooks().ok_or(Trouble::NoAccount)?;
        let id = account.account.id;
        let stored = self
            .store
            .find_registration_of(id, &self.public_url)
            .await?;
        let call = webhooks.list(&account.account);
        let listed = within_limit(call, ProviderError::DidNotHappen).await?;
        Ok(stored.is_some_and(|known| is_kept(&known, &listed)))
    }

    fn is_in_progress(&self, known: &StoredRegistration) -> bool {
        known.registered.is_none() && self.clock.now() - known.created_at < CLAIM_LIMIT
    }

    async fn register_anew(
        &self,
        account: &StoredAccount,
        webhooks: &dyn Webhooks,
        former: Option<RegistrationId>,
    ) -> Result<Registered, RegisterError> {
        let claim = self.claim(account);
        if !self.store.claim_registration(&claim, former).await? {
            return Ok(Registered::InProgress);
        }
        let call = webhooks.register(&account.account, &claim.url);
        let registered = match within_limit(call, ProviderError::MayHaveHappened).await {
            Ok(registered) => registered,
            Err(error) => {
                // What may be there without its secret is removed by the next look, which finds no
                // claim for it.
                self.store.forget_registration(claim.id).await?;
                return Err(error.into());
            }
        };
        if self
            .store
            .finish_registration(claim.id, &registered)
            .await?
        {
            tracing::info!(account = %account.account.id, "webhooks are registered");
            return Ok(Registered::Made);
        }
        remove(account, webhooks, &registered.id).await?;
        Ok(Registered::InProgress)
    }

    fn claim(&self, account: &StoredAccount) -> StoredRegistration {
        let id = RegistrationId(self.ids.uuid());
        let mut url = self.public_url.clone();
        extend_path(
            &mut url,
            &format!("callbacks/{}/{id}", account.account.provider),
        );
        StoredRegistration {
            id,
            account: account.account.id,
            public_url: self.public_url.clone(),
            url,
            created_at: self.clock.now(),
            registered: None,
        }
    }

    /// Ours by their address, and known to nobody: their secrets are lost.
    async fn remove_orphans(
        &self,
        account: &StoredAccount,
        webhooks: &dyn Webhooks,
        listed: &[RegisteredAddress],
    ) -> Result<(), RegisterError> {
        for address in listed {
            let Some(id) = self.our_id(account, &address.url) else {
                continue;
            };
            let known = self.store.find_registration(id).await?;
            let is_known = known.is_some_and(|known| {
                let registered = known.registered.as_ref();
                registered.is_none_or(|registered| registered.id == address.id)
            });
            if !is_known {
                tracing::info!(account = %account.account.id, "a registration without a secret is removed");
                remove(account, webhooks, &address.id).await?;
            }
        }
        Ok(())
    }

    /// The name in an address of ours under this public URL.
    fn our_id(&self, account: &StoredAccount, url: &str) -> Option<RegistrationId> {
        let mut folder = self.public_url.clone();
        extend_path(
            &mut folder,
            &format!("callbacks/{}/", account.account.provider),
        );
        url.strip_prefix(folder.as_str())?.parse().ok()
    }

    async fn unregister(
        &self,
        account: &StoredAccount,
        webhooks: &dyn Webhooks,
        stored: Option<&StoredRegistration>,
    ) -> Result<(), RegisterError> {
        let Some(known) = stored else { return Ok(()) };
        if let Some(registered) = &known.registered {
            remove(account, webhooks, &registered.id).await?;
        }
        self.store.forget_registration(known.id).await?;
        Ok(())
    }
}

async fn remove(
    account: &StoredAccount,
    webhooks: &dyn Webhooks,
    id: &str,
) -> Result<(), ProviderError> {
    let call = webhooks.remove(&account.account, id);
    within_limit(call, ProviderError::MayHaveHappened).await
}

/// What the provider lists of it.
fn find_listed<'a>(
    known: &StoredRegistration,
    listed: &'a [RegisteredAddress],
) -> Option<&'a RegisteredAddress> {
    let registered: &Registration = known.registered.as_ref()?;
    listed.iter().find(|one| one.id == registered.id)
}

/// Whether the provider has it, for everything that we would register it for.
fn is_kept(known: &StoredRegistration, listed: &[RegisteredAddress]) -> bool {
    find_listed(known, listed).is_some_and(|one| one.complete)
}

/// Whether it may go better without anybody's doing.
fn passes(error: &RegisterError) -> bool {
    match error {
        RegisterError::Trouble(_) => true,
        RegisterError::Provider(error) => !matches!(
            error.failure().kind,
            FailureKind::Refused | FailureKind::Unauthorized | FailureKind::Misconfigured
        ),
    }
}

fn report(account: &StoredAccount, error: &RegisterError, public_url: &Url) {
    let (id, provider) = (account.account.id, account.account.provider);
    match error {
        RegisterError::Provider(error) if error.failure().kind == FailureKind::Refused => {
            tracing::warn!(
                account = %id, %provider, %public_url, %error,
                "The provider does not take this public URL for its webhooks, so payments are \
                 followed by polling alone. Set MCPAY_PUBLIC_URL to an https address that the \
                 provider can reach."
            );
        }
        error => tracing::warn!(
            account = %id, %provider, %error,
            "Webhooks could not be registered; until they are, payments are followed by polling."
        ),
    }
}

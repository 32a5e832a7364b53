//! The store as the registering of webhooks sees it.

use async_trait::async_trait;
use mcpay_port::{AccountId, Registration};
use url::Url;

use super::{Store, unit};
use crate::payments::registration::{RegistrationId, RegistrationStore, StoredRegistration};
use crate::ports::StoreError;

#[async_trait]
impl RegistrationStore for Store {
    async fn find_registration(
        &self,
        id: RegistrationId,
    ) -> Result<Option<StoredRegistration>, StoreError> {
        unit!(self, reader, lost_connection, |key| {
            registrations::find_registration(id, key)
        })
    }

    async fn find_registration_of(
        &self,
        account: AccountId,
        public_url: &Url,
    ) -> Result<Option<StoredRegistration>, StoreError> {
        let public_url = public_url.clone();
        unit!(self, reader, lost_connection, |key| {
            registrations::find_registration_of(account, &public_url, key)
        })
    }

    async fn claim_registration(
        &self,
        claim: &StoredRegistration,
        former: Option<RegistrationId>,
    ) -> Result<bool, StoreError> {
        let claim = claim.clone();
        unit!(
            self,
            writer,
            wrote_nothing,
            registrations::claim_registration(&claim, former)
        )
    }

    async fn finish_registration(
        &self,
        id: RegistrationId,
        registered: &Registration,
    ) -> Result<bool, StoreError> {
        let registered = registered.clone();
        unit!(self, writer, wrote_nothing, |key| {
            registrations::finish_registration(id, &registered, key)
        })
    }

    async fn forget_registration(&self, id: RegistrationId) -> Result<(), StoreError> {
        unit!(
            self,
            writer,
            lost_connection,
            registrations::forget_registration(id)
        )
    }

    async fn is_account_in_use(&self, account: AccountId) -> Result<bool, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            registrations::is_account_in_use(account)
        )
    }
}

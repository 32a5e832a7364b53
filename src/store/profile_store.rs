//! The store as the keeping of profiles sees it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::{PaymentRef, Profile};

use super::{Store, unit};
use crate::payments::profile::{ProfileStore, StoredProfile};
use crate::ports::StoreError;

#[async_trait]
impl ProfileStore for Store {
    async fn find_profile(&self, payment: PaymentRef) -> Result<Option<StoredProfile>, StoreError> {
        unit!(self, reader, lost_connection, |key| profiles::find_profile(
            payment, key
        ))
    }

    async fn claim_due_profiles(
        &self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<StoredProfile>, StoreError> {
        unit!(self, writer, wrote_nothing, |key| {
            profiles::claim_due_profiles(now, limit, key)
        })
    }

    async fn finish_profile(
        &self,
        payment: PaymentRef,
        told: Option<&Profile>,
    ) -> Result<(), StoreError> {
        let told = told.cloned();
        unit!(self, writer, lost_connection, |key| {
            profiles::finish_profile(payment, told.as_ref(), key)
        })
    }

    async fn drop_profiles(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        unit!(self, writer, lost_connection, profiles::drop_profiles(now))
    }
}

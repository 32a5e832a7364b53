//! The store as the domain of payments sees it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::{PaymentRef, ProviderRef};

use super::{Store, unit};
use crate::clients::ClientCode;
use crate::payments::operation::StoredOperation;
use crate::payments::payment::Payment;
use crate::payments::ports::{
    Begun, Change, IdempotencyClaim, Intent, KeyUse, PaymentStore, Saved,
};
use crate::ports::StoreError;

#[async_trait]
impl PaymentStore for Store {
    async fn find_key_use(&self, claim: &IdempotencyClaim) -> Result<Option<KeyUse>, StoreError> {
        let claim = claim.clone();
        unit!(
            self,
            reader,
            lost_connection,
            idempotency::find_key_use(&claim)
        )
    }

    async fn begin(&self, intent: &Intent) -> Result<Begun, StoreError> {
        let intent = intent.clone();
        unit!(self, writer, wrote_nothing, begin::begin(&intent))
    }

    async fn is_reference_used(
        &self,
        client: &ClientCode,
        external_reference: &str,
    ) -> Result<bool, StoreError> {
        let client = client.clone();
        let used = external_reference.to_owned();
        unit!(
            self,
            reader,
            lost_connection,
            payments::is_reference_used(&client, &used)
        )
    }

    async fn save(&self, change: &Change) -> Result<Saved, StoreError> {
        let change = change.clone();
        unit!(self, writer, wrote_nothing, |key| save::save(&change, key))
    }

    async fn find_payment(&self, reference: PaymentRef) -> Result<Option<Payment>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            payments::find_payment(reference)
        )
    }

    async fn record_hint(
        &self,
        reference: PaymentRef,
        provider_ref: Option<&ProviderRef>,
        received_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let id = provider_ref.cloned();
        unit!(
            self,
            writer,
            wrote_nothing,
            hints::record_hint(reference, id.as_ref(), received_at)
        )
    }

    async fn find_hinted_ref(
        &self,
        reference: PaymentRef,
    ) -> Result<Option<ProviderRef>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            hints::find_hinted_ref(reference)
        )
    }

    async fn claim_due_inquiries(
        &self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<PaymentRef>, StoreError> {
        unit!(
            self,
            writer,
            wrote_nothing,
            payments::claim_due_inquiries(now, limit)
        )
    }

    async fn find_operations(
        &self,
        reference: PaymentRef,
    ) -> Result<Vec<StoredOperation>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            operations::find_operations(reference)
        )
    }

    async fn forget_before(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        unit!(self, writer, lost_connection, hints::forget_before(before))
    }
}

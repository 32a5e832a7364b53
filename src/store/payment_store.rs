//! The store as the domain of payments sees it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mcpay_port::{AgreementId, OperationId, PaymentRef, ProviderRef};
use secrecy::SecretString;

use super::{Store, unit};
use crate::clients::ClientCode;
use crate::payments::agreement::Agreement;
use crate::payments::backoff::Polls;
use crate::payments::operation::StoredOperation;
use crate::payments::payment::Payment;
use crate::payments::ports::PaymentFilter;
use crate::payments::ports::{
    Begun, Change, IdempotencyClaim, Intended, Intent, KeyUse, PaidOrder, PaymentStore, Saved,
    StoredAnswer,
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

    async fn intend(
        &self,
        change: &Change,
        claim: &IdempotencyClaim,
    ) -> Result<Intended, StoreError> {
        let (change, claim) = (change.clone(), claim.clone());
        unit!(self, writer, wrote_nothing, |key| save::intend(
            &change, &claim, key
        ))
    }

    async fn keep_answer(
        &self,
        claim: &IdempotencyClaim,
        about: PaymentRef,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        let (claim, answer) = (claim.clone(), answer.clone());
        unit!(
            self,
            writer,
            lost_connection,
            idempotency::keep_answer(&claim, about, &answer)
        )
    }

    async fn claim_due_operations(
        &self,
        now: DateTime<Utc>,
        of: Option<PaymentRef>,
        limit: i64,
    ) -> Result<Vec<StoredOperation>, StoreError> {
        unit!(
            self,
            writer,
            wrote_nothing,
            operations::claim_due_operations(now, of, limit)
        )
    }

    async fn postpone_operation(
        &self,
        operation: OperationId,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unit!(
            self,
            writer,
            wrote_nothing,
            operations::postpone_operation(operation, until)
        )
    }

    async fn claim_due_releases(
        &self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<PaymentRef>, StoreError> {
        unit!(
            self,
            writer,
            wrote_nothing,
            releases::claim_due_releases(now, limit)
        )
    }

    async fn find_paid_orders(&self, payment: PaymentRef) -> Result<Vec<PaidOrder>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            orders::find_paid_orders(payment)
        )
    }

    async fn list_payments(
        &self,
        client: &ClientCode,
        filter: &PaymentFilter,
    ) -> Result<Vec<Payment>, StoreError> {
        let (client, filter) = (client.clone(), filter.clone());
        unit!(
            self,
            reader,
            lost_connection,
            lists::list_payments(&client, &filter)
        )
    }

    async fn find_agreement(&self, id: AgreementId) -> Result<Option<Agreement>, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            agreements::find_agreement(id)
        )
    }

    async fn find_agreement_token(
        &self,
        id: AgreementId,
    ) -> Result<Option<SecretString>, StoreError> {
        unit!(self, reader, lost_connection, |key| agreements::find_token(
            id, key
        ))
    }

    async fn has_claimed_reservation(&self, id: AgreementId) -> Result<bool, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            agreements::has_claimed_reservation(id)
        )
    }

    async fn has_open_charge(&self, id: AgreementId) -> Result<bool, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            agreements::has_open_charge(id)
        )
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
        polls: &Polls,
    ) -> Result<Vec<PaymentRef>, StoreError> {
        let polls = polls.clone();
        unit!(
            self,
            writer,
            wrote_nothing,
            payments::claim_due_inquiries(now, limit, &polls)
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

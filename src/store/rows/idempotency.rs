//! A claimed key as a row.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use mcpay_port::{OperationId, PaymentRef};

use super::{parsed, stored, told, unreadable};
use crate::payments::ports::{IdempotencyClaim, KeyUse, StoredAnswer};
use crate::store::failure::Failure;
use crate::store::schema::idempotency_keys;

#[derive(Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub struct ClaimRow {
    pub client_code: String,
    pub route: &'static str,
    pub key: String,
    pub body_hash: Vec<u8>,
    pub mcpay_ref: String,
    pub claimed_at: NaiveDateTime,
    pub operation_id: Option<String>,
}

impl ClaimRow {
    pub fn of(
        claim: &IdempotencyClaim,
        payment: PaymentRef,
        operation: Option<OperationId>,
    ) -> Self {
        Self {
            client_code: claim.client.as_str().to_owned(),
            route: claim.route,
            key: claim.key.clone(),
            body_hash: claim.body_hash.to_vec(),
            mcpay_ref: payment.to_string(),
            claimed_at: stored(claim.claimed_at),
            operation_id: operation.map(|id| id.to_string()),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
pub struct KeyUseRow {
    pub body_hash: Vec<u8>,
    pub mcpay_ref: String,
    pub claimed_at: NaiveDateTime,
    pub answer_status: Option<i32>,
    pub answer_body: Option<String>,
    pub operation_id: Option<String>,
}

impl KeyUseRow {
    /// What this use of the key means for a request whose body has this hash.
    pub fn read(self, body_hash: &[u8; 32]) -> Result<KeyUse, Failure> {
        if self.body_hash != body_hash {
            return Ok(KeyUse::Conflict);
        }
        let Some((status, body)) = self.answer_status.zip(self.answer_body) else {
            return Ok(KeyUse::InProgress {
                payment: parsed(&self.mcpay_ref, "idempotency_keys.mcpay_ref")?,
                operation: self
                    .operation_id
                    .map(|id| parsed(&id, "idempotency_keys.operation_id"))
                    .transpose()?,
                claimed_at: told(self.claimed_at),
            });
        };
        let status =
            u16::try_from(status).map_err(|_| unreadable("idempotency_keys.answer_status"))?;
        Ok(KeyUse::Replay(StoredAnswer { status, body }))
    }
}

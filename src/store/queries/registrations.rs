//! Registrations of webhooks.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::{AccountId, Registration};
use url::Url;

use super::{Conn, End, Failure, finish, start};
use crate::payments::agreement::AgreementStatus;
use crate::payments::payment::Status;
use crate::payments::registration::{RegistrationId, StoredRegistration};
use crate::store::rows::registration::{RegistrationRow, sealed_secret};
use crate::store::schema::{agreements, payments, webhook_registrations};
use crate::store::sealing::MasterKey;

pub async fn find_registration(
    conn: &mut Conn,
    id: RegistrationId,
    master_key: &MasterKey,
) -> Result<Option<StoredRegistration>, Failure> {
    webhook_registrations::table
        .filter(webhook_registrations::id.eq(id.to_string()))
        .select(RegistrationRow::as_select())
        .first(conn)
        .await
        .optional()?
        .map(|row: RegistrationRow| row.read(master_key))
        .transpose()
}

pub async fn find_registration_of(
    conn: &mut Conn,
    account: AccountId,
    public_url: &Url,
    master_key: &MasterKey,
) -> Result<Option<StoredRegistration>, Failure> {
    webhook_registrations::table
        .filter(webhook_registrations::account_id.eq(account.to_string()))
        .filter(webhook_registrations::public_url.eq(public_url.as_str()))
        .select(RegistrationRow::as_select())
        .first(conn)
        .await
        .optional()?
        .map(|row: RegistrationRow| row.read(master_key))
        .transpose()
}

pub async fn claim_registration(
    conn: &mut Conn,
    claim: &StoredRegistration,
    former: Option<RegistrationId>,
) -> Result<bool, Failure> {
    start(conn).await?;
    let work = claim_registration_in(conn, claim, former).await;
    finish(conn, work).await
}

/// Of two who replace the same row one deletes it; of two who add the first one the unique rule
/// lets one through.
async fn claim_registration_in(
    conn: &mut Conn,
    claim: &StoredRegistration,
    former: Option<RegistrationId>,
) -> Result<End<bool>, Failure> {
    if let Some(former) = former {
        let gone = delete(conn, former).await?;
        if gone == 0 {
            return Ok(End::RollBack(false));
        }
    }
    let written = diesel::insert_into(webhook_registrations::table)
        .values(RegistrationRow::claimed(claim))
        .on_conflict((
            webhook_registrations::account_id,
            webhook_registrations::public_url,
        ))
        .do_nothing()
        .execute(conn)
        .await?;
    Ok(if written == 1 {
        End::Commit(true)
    } else {
        End::RollBack(false)
    })
}

async fn delete(conn: &mut Conn, id: RegistrationId) -> Result<usize, Failure> {
    let row = webhook_registrations::table.filter(webhook_registrations::id.eq(id.to_string()));
    Ok(diesel::delete(row).execute(conn).await?)
}

pub async fn finish_registration(
    conn: &mut Conn,
    id: RegistrationId,
    registered: &Registration,
    master_key: &MasterKey,
) -> Result<bool, Failure> {
    let written = diesel::update(webhook_registrations::table)
        .filter(webhook_registrations::id.eq(id.to_string()))
        .filter(webhook_registrations::provider_id.is_null())
        .set((
            webhook_registrations::provider_id.eq(&registered.id),
            webhook_registrations::secret.eq(sealed_secret(id, registered, master_key)?),
        ))
        .execute(conn)
        .await?;
    Ok(written == 1)
}

pub async fn forget_registration(conn: &mut Conn, id: RegistrationId) -> Result<(), Failure> {
    delete(conn, id).await.map(drop)
}

pub async fn is_account_in_use(conn: &mut Conn, account: AccountId) -> Result<bool, Failure> {
    let account = account.to_string();
    let reserved = payments::table
        .filter(payments::account_id.eq(&account))
        .filter(
            payments::inquire_at
                .is_not_null()
                .or(payments::status.eq_any([
                    Status::Initiated.as_str(),
                    Status::Unknown.as_str(),
                    Status::Authorized.as_str(),
                ])),
        );
    if diesel::select(exists(reserved)).get_result(conn).await? {
        return Ok(true);
    }
    let standing = agreements::table
        .filter(agreements::account_id.eq(&account))
        .filter(agreements::status.eq(AgreementStatus::Active.as_str()));
    Ok(diesel::select(exists(standing)).get_result(conn).await?)
}

//! Clients with their keys, accounts and coupons.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::{Account, AccountSettings, ProviderId};

use super::{Conn, End, Failure, finish, start};
use crate::clients::ports::{ClientChange, NewAccount};
use crate::clients::{StoredAccount, StoredClient};
use crate::store::rows::client::{AccountRow, ClientRow, CouponRow, SigningKeyRow};
use crate::store::rows::stored;
use crate::store::schema::{accounts, clients, coupons, meta, signing_keys};
use crate::store::sealing::MasterKey;

const REVISION: &str = "clients_revision";

pub async fn save_client(
    conn: &mut Conn,
    change: &ClientChange,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    start(conn).await?;
    let work = save_client_in(conn, change, master_key).await;
    finish(conn, work).await
}

/// Raising the revision comes first: its row lock makes two `apply` runs wait for each other.
async fn save_client_in(
    conn: &mut Conn,
    change: &ClientChange,
    master_key: &MasterKey,
) -> Result<End<()>, Failure> {
    diesel::update(meta::table.filter(meta::name.eq(REVISION)))
        .set(meta::value.eq(meta::value + 1))
        .execute(conn)
        .await?;
    let row = ClientRow::of(&change.client, change.applied_at)?;
    diesel::insert_into(clients::table)
        .values(&row)
        .on_conflict(clients::code)
        .do_update()
        .set(&row)
        .execute(conn)
        .await?;
    save_signing_keys(conn, change, master_key).await?;
    super::access::save_secrets_in(conn, change, master_key).await?;
    save_accounts(conn, change, master_key).await?;
    save_coupons(conn, change).await?;
    Ok(End::Commit(()))
}

/// Revokes everything first, then brings back what the file has.
async fn save_signing_keys(
    conn: &mut Conn,
    change: &ClientChange,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    let client = &change.client.code;
    let kept: Vec<&str> = change
        .signing_keys
        .iter()
        .map(|key| key.kid.as_str())
        .collect();
    diesel::update(signing_keys::table)
        .filter(signing_keys::client_code.eq(client.as_str()))
        .filter(signing_keys::kid.ne_all(kept))
        .filter(signing_keys::revoked_at.is_null())
        .set(signing_keys::revoked_at.eq(stored(change.applied_at)))
        .execute(conn)
        .await?;
    for key in &change.signing_keys {
        let row = SigningKeyRow::of(client, key, change.applied_at, master_key)?;
        diesel::insert_into(signing_keys::table)
            .values(&row)
            .on_conflict((signing_keys::client_code, signing_keys::kid))
            .do_update()
            .set(&row)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Only what differs becomes a new version: payments keep theirs, so versions must not pile up.
async fn save_accounts(
    conn: &mut Conn,
    change: &ClientChange,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    let mut latest: HashMap<ProviderId, StoredAccount> = HashMap::new();
    for row in accounts_of(conn, Some(change.client.code.as_str())).await? {
        let account = row.read(master_key)?;
        latest.insert(account.account.provider, account);
    }
    for account in &change.accounts {
        let former = latest.remove(&account.config.provider);
        if let Some(former) = &former
            && former.current
            && same_settings(&former.account.settings, &account.config.settings)
        {
            continue;
        }
        supersede(conn, change, account.config.provider).await?;
        insert_account(conn, change, account, former.as_ref(), master_key).await?;
    }
    for provider in latest.into_keys() {
        supersede(conn, change, provider).await?;
    }
    Ok(())
}

async fn insert_account(
    conn: &mut Conn,
    change: &ClientChange,
    new: &NewAccount,
    former: Option<&StoredAccount>,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    let account = Account {
        id: new.id,
        provider: new.config.provider,
        settings: new.config.settings.clone(),
    };
    // The callback keys that providers were given follow from it, so it outlives every version.
    let callback_secret = former.map_or(&new.callback_secret, |former| &former.callback_secret);
    let row = AccountRow::of(
        &change.client.code,
        &account,
        callback_secret,
        change.applied_at,
        master_key,
    )?;
    diesel::insert_into(accounts::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

async fn supersede(
    conn: &mut Conn,
    change: &ClientChange,
    provider: ProviderId,
) -> Result<(), Failure> {
    diesel::update(accounts::table)
        .filter(accounts::client_code.eq(change.client.code.as_str()))
        .filter(accounts::provider.eq(provider.as_str()))
        .filter(accounts::superseded_at.is_null())
        .set(accounts::superseded_at.eq(stored(change.applied_at)))
        .execute(conn)
        .await?;
    Ok(())
}

/// The order of the fields and spaces between them do not make other settings.
fn same_settings(one: &AccountSettings, other: &AccountSettings) -> bool {
    match (
        one.read::<serde_json::Value>(),
        other.read::<serde_json::Value>(),
    ) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.expose_json() == other.expose_json(),
    }
}

/// Closes everything first, then brings back what the file has.
async fn save_coupons(conn: &mut Conn, change: &ClientChange) -> Result<(), Failure> {
    diesel::update(coupons::table)
        .filter(coupons::client_code.eq(change.client.code.as_str()))
        .filter(coupons::closed_at.is_null())
        .set(coupons::closed_at.eq(stored(change.applied_at)))
        .execute(conn)
        .await?;
    for coupon in &change.coupons {
        let row = CouponRow::of(&change.client.code, coupon)?;
        diesel::insert_into(coupons::table)
            .values(&row)
            .on_conflict((coupons::client_code, coupons::code, coupons::number))
            .do_update()
            .set(&row)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Oldest first, and the current version last of all.
async fn accounts_of(conn: &mut Conn, client: Option<&str>) -> Result<Vec<AccountRow>, Failure> {
    let mut query = accounts::table
        .order((
            accounts::superseded_at.is_null(),
            accounts::created_at,
            accounts::superseded_at,
        ))
        .select(AccountRow::as_select())
        .into_boxed();
    if let Some(client) = client {
        query = query.filter(accounts::client_code.eq(client));
    }
    Ok(query.load(conn).await?)
}

pub async fn load_clients(
    conn: &mut Conn,
    master_key: &MasterKey,
) -> Result<Vec<StoredClient>, Failure> {
    start(conn).await?;
    let work = load_clients_in(conn, master_key).await.map(End::Commit);
    finish(conn, work).await
}

/// The revision's row lock keeps a client from being changed between the statements.
async fn load_clients_in(
    conn: &mut Conn,
    master_key: &MasterKey,
) -> Result<Vec<StoredClient>, Failure> {
    lock_row!(
        meta::table
            .filter(meta::name.eq(REVISION))
            .select(meta::value)
    )
    .first::<i64>(conn)
    .await?;
    let mut found: Vec<StoredClient> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    let rows: Vec<ClientRow> = clients::table
        .order(clients::code)
        .select(ClientRow::as_select())
        .load(conn)
        .await?;
    for row in rows {
        place.insert(row.code.clone(), found.len());
        found.push(StoredClient {
            client: row.read()?,
            signing_keys: Vec::new(),
            oauth_secrets: Vec::new(),
            accounts: Vec::new(),
            coupons: Vec::new(),
        });
    }
    let keys: Vec<SigningKeyRow> = signing_keys::table
        .filter(signing_keys::revoked_at.is_null())
        .order((signing_keys::client_code, signing_keys::kid))
        .select(SigningKeyRow::as_select())
        .load(conn)
        .await?;
    for row in keys {
        let at = place.get(&row.client_code).copied();
        if let Some(client) = at.and_then(|at| found.get_mut(at)) {
            client.signing_keys.push(row.read(master_key)?);
        }
    }
    for row in super::access::live_secrets_in(conn).await? {
        let at = place.get(&row.client_code).copied();
        if let Some(client) = at.and_then(|at| found.get_mut(at)) {
            client.oauth_secrets.push(row.read());
        }
    }
    for row in accounts_of(conn, None).await? {
        let at = place.get(&row.client_code).copied();
        if let Some(client) = at.and_then(|at| found.get_mut(at)) {
            client.accounts.push(row.read(master_key)?);
        }
    }
    let open: Vec<CouponRow> = coupons::table
        .filter(coupons::closed_at.is_null())
        .order((coupons::client_code, coupons::code, coupons::number))
        .select(CouponRow::as_select())
        .load(conn)
        .await?;
    for row in open {
        let at = place.get(&row.client_code).copied();
        if let Some(client) = at.and_then(|at| found.get_mut(at)) {
            client.coupons.push(row.read()?);
        }
    }
    Ok(found)
}

pub async fn get_clients_revision(conn: &mut Conn) -> Result<i64, Failure> {
    let revision = meta::table
        .filter(meta::name.eq(REVISION))
        .select(meta::value)
        .first(conn)
        .await?;
    Ok(revision)
}

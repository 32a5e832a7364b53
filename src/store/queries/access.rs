//! Secrets of the client API, and the keys that its tokens are signed with.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, Failure};
use crate::access::ports::TokenKey;
use crate::clients::ports::ClientChange;
use crate::store::rows::access::{OauthSecretRow, TokenKeyRow};
use crate::store::rows::stored;
use crate::store::schema::{oauth_secrets, token_keys};
use crate::store::sealing::MasterKey;

/// A secret that lives keeps its generation, and with it its tokens. One that comes back after it
/// was revoked is a new one.
pub async fn save_secrets_in(
    conn: &mut Conn,
    change: &ClientChange,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    let client = change.client.code.as_str();
    let known: Vec<OauthSecretRow> = oauth_secrets::table
        .filter(oauth_secrets::client_code.eq(client))
        .order(oauth_secrets::generation)
        .select(OauthSecretRow::as_select())
        .load(conn)
        .await?;
    let mut last = known.last().map_or(0, |row| row.generation);
    let (mut kept, mut new) = (Vec::new(), Vec::new());
    for secret in &change.oauth_secrets {
        let live = known
            .iter()
            .filter(|row| row.revoked_at.is_none())
            .find(|row| row.is(secret, master_key));
        if let Some(row) = live {
            kept.push(row.generation);
            continue;
        }
        last = last
            .checked_add(1)
            .ok_or_else(|| Failure::broken("there are too many generations of secrets"))?;
        kept.push(last);
        new.push(OauthSecretRow::of(
            &change.client.code,
            last,
            secret,
            change.applied_at,
            master_key,
        ));
    }
    diesel::update(oauth_secrets::table)
        .filter(oauth_secrets::client_code.eq(client))
        .filter(oauth_secrets::generation.ne_all(kept))
        .filter(oauth_secrets::revoked_at.is_null())
        .set(oauth_secrets::revoked_at.eq(stored(change.applied_at)))
        .execute(conn)
        .await?;
    for row in new {
        diesel::insert_into(oauth_secrets::table)
            .values(row)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Those that live, of all clients, newest first.
pub async fn live_secrets_in(conn: &mut Conn) -> Result<Vec<OauthSecretRow>, Failure> {
    Ok(oauth_secrets::table
        .filter(oauth_secrets::revoked_at.is_null())
        .order((oauth_secrets::client_code, oauth_secrets::generation.desc()))
        .select(OauthSecretRow::as_select())
        .load(conn)
        .await?)
}

pub async fn load_token_keys(
    conn: &mut Conn,
    master_key: &MasterKey,
) -> Result<Vec<TokenKey>, Failure> {
    token_keys::table
        .order((token_keys::created_at.desc(), token_keys::kid.desc()))
        .select(TokenKeyRow::as_select())
        .load(conn)
        .await?
        .into_iter()
        .map(|row: TokenKeyRow| row.read(master_key))
        .collect()
}

pub async fn add_token_key(
    conn: &mut Conn,
    key: &TokenKey,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    diesel::insert_into(token_keys::table)
        .values(TokenKeyRow::of(key, master_key)?)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn forget_token_keys(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, Failure> {
    let gone = diesel::delete(token_keys::table.filter(token_keys::created_at.lt(stored(before))))
        .execute(conn)
        .await?;
    Ok(gone)
}

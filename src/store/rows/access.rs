//! Secrets of the client API and keys of its tokens as rows.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{stored, told};
use crate::access::ports::TokenKey;
use crate::clients::ClientCode;
use crate::clients::oauth_secret::OauthSecret;
use crate::store::failure::Failure;
use crate::store::schema::{oauth_secrets, token_keys};
use crate::store::sealing::{MasterKey, Place};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_secrets, treat_none_as_default_value = false)]
pub struct OauthSecretRow {
    pub client_code: String,
    pub generation: i64,
    pub hash: Vec<u8>,
    pub created_at: NaiveDateTime,
    pub revoked_at: Option<NaiveDateTime>,
}

impl OauthSecretRow {
    pub fn of(
        client: &ClientCode,
        generation: i64,
        secret: &SecretString,
        created_at: DateTime<Utc>,
        master_key: &MasterKey,
    ) -> Self {
        let hasher = master_key.secret_hasher();
        Self {
            client_code: client.as_str().to_owned(),
            generation,
            hash: hasher.hash(client.as_str(), generation, secret),
            created_at: stored(created_at),
            revoked_at: None,
        }
    }

    pub fn is(&self, secret: &SecretString, master_key: &MasterKey) -> bool {
        let this = [self.read()];
        let hasher = master_key.secret_hasher();
        let found = hasher.find_generation(&self.client_code, &this, secret);
        found.is_some()
    }

    pub fn read(&self) -> OauthSecret {
        OauthSecret {
            generation: self.generation,
            hash: self.hash.clone(),
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = token_keys, treat_none_as_default_value = false)]
pub struct TokenKeyRow {
    pub kid: String,
    pub material: Vec<u8>,
    pub created_at: NaiveDateTime,
}

impl TokenKeyRow {
    pub fn of(key: &TokenKey, master_key: &MasterKey) -> Result<Self, Failure> {
        let place = Self::place(&key.kid);
        Ok(Self {
            kid: key.kid.clone(),
            material: master_key.seal(&place, key.material.expose_secret())?,
            created_at: stored(key.created_at),
        })
    }

    pub fn read(self, master_key: &MasterKey) -> Result<TokenKey, Failure> {
        let material = master_key.open(&Self::place(&self.kid), &self.material)?;
        Ok(TokenKey {
            kid: self.kid,
            material: SecretSlice::from(material.to_vec()),
            created_at: told(self.created_at),
        })
    }

    fn place(kid: &str) -> Place {
        Place::new("token_keys", "material", &[kid])
    }
}

//! A registration of webhooks as a row. Its secret is sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use mcpay_port::Registration;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{parsed, stored, told};
use crate::payments::registration::{RegistrationId, StoredRegistration};
use crate::store::failure::Failure;
use crate::store::schema::webhook_registrations;
use crate::store::sealing::{MasterKey, Place};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_registrations, treat_none_as_default_value = false)]
pub struct RegistrationRow {
    pub id: String,
    pub account_id: String,
    pub public_url: String,
    pub url: String,
    pub provider_id: Option<String>,
    pub secret: Option<Vec<u8>>,
    pub created_at: NaiveDateTime,
}

impl RegistrationRow {
    /// As it is claimed, before the provider hears of it.
    pub fn claimed(claim: &StoredRegistration) -> Self {
        Self {
            id: claim.id.to_string(),
            account_id: claim.account.to_string(),
            public_url: claim.public_url.to_string(),
            url: claim.url.to_string(),
            provider_id: None,
            secret: None,
            created_at: stored(claim.created_at),
        }
    }

    pub fn read(self, master_key: &MasterKey) -> Result<StoredRegistration, Failure> {
        let url: Url = parsed(&self.url, "webhook_registrations.url")?;
        let registered = match (self.provider_id, self.secret) {
            (Some(id), Some(sealed)) => {
                let secret = master_key.open_text(&secret_place(&self.id), &sealed)?;
                Some(Registration {
                    id,
                    url: url.clone(),
                    secret: SecretString::from(secret.as_str()),
                })
            }
            _ => None,
        };
        Ok(StoredRegistration {
            id: parsed(&self.id, "webhook_registrations.id")?,
            account: parsed(&self.account_id, "webhook_registrations.account_id")?,
            public_url: parsed(&self.public_url, "webhook_registrations.public_url")?,
            url,
            created_at: told(self.created_at),
            registered,
        })
    }
}

pub fn sealed_secret(
    id: RegistrationId,
    registered: &Registration,
    master_key: &MasterKey,
) -> Result<Vec<u8>, Failure> {
    let secret = registered.secret.expose_secret().as_bytes();
    Ok(master_key.seal(&secret_place(&id.to_string()), secret)?)
}

fn secret_place(id: &str) -> Place {
    Place::new("webhook_registrations", "secret", &[id])
}

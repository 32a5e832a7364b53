//! A payer's profile as a row. Everything about the person is sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use mcpay_port::{PaymentRef, Profile};
use secrecy::{ExposeSecret as _, SecretString};

use super::{parsed, stored, told};
use crate::payments::profile::{NewProfile, StoredProfile};
use crate::store::failure::Failure;
use crate::store::schema::profiles;
use crate::store::sealing::{MasterKey, Place};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = profiles, treat_none_as_default_value = false)]
pub struct ProfileRow {
    pub mcpay_ref: String,
    pub subject: Vec<u8>,
    pub told: Option<Vec<u8>>,
    pub due_at: Option<NaiveDateTime>,
    pub tries: i32,
    pub drop_at: NaiveDateTime,
}

impl ProfileRow {
    pub fn of(
        payment: PaymentRef,
        profile: &NewProfile,
        master_key: &MasterKey,
    ) -> Result<Self, Failure> {
        let mcpay_ref = payment.to_string();
        let subject = profile.subject.expose_secret().as_bytes();
        Ok(Self {
            subject: master_key.seal(&place("subject", &mcpay_ref), subject)?,
            mcpay_ref,
            told: None,
            due_at: Some(stored(profile.due_at)),
            tries: 0,
            drop_at: stored(profile.drop_at),
        })
    }

    pub fn read(self, master_key: &MasterKey) -> Result<StoredProfile, Failure> {
        let subject = master_key.open_text(&place("subject", &self.mcpay_ref), &self.subject)?;
        let profile = match &self.told {
            Some(sealed) => {
                let json = master_key.open_text(&place("told", &self.mcpay_ref), sealed)?;
                Some(Profile(SecretString::from(json.as_str())))
            }
            None => None,
        };
        Ok(StoredProfile {
            payment: parsed(&self.mcpay_ref, "profiles.mcpay_ref")?,
            subject: SecretString::from(subject.as_str()),
            told: profile,
            drop_at: told(self.drop_at),
        })
    }
}

pub fn sealed_profile(
    payment: PaymentRef,
    profile: &Profile,
    master_key: &MasterKey,
) -> Result<Vec<u8>, Failure> {
    let json = profile.0.expose_secret().as_bytes();
    Ok(master_key.seal(&place("told", &payment.to_string()), json)?)
}

fn place(column: &str, payment: &str) -> Place {
    Place::new("profiles", column, &[payment])
}

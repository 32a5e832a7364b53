//! The keys that tokens are signed with, shared by all instances through the store.
//!
//! They rotate by themselves: nobody signs with a key of more than [`SIGNS_FOR`], and whoever finds
//! only such keys makes a new one. Two instances may do so at once; then both keys are good.

use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretSlice};
use tokio::sync::Mutex;

use super::Access;
use super::ports::{TokenKey, TokenKeyStore};
use crate::ports::{Ids, StoreError};

/// **[doc]** 12 hours.
pub(super) const LIFETIME: Duration = Duration::hours(12);

/// How long a key signs new tokens.
const SIGNS_FOR: Duration = Duration::days(7);

/// Instances' clocks differ; a key outlives its last token by this.
const RESERVE: Duration = Duration::hours(1);

const MATERIAL_BYTES: usize = 64;

/// A key, prepared.
pub(super) struct LiveKey {
    pub(super) kid: String,
    created_at: DateTime<Utc>,
    pub(super) signs: EncodingKey,
    pub(super) verifies: DecodingKey,
}

pub(super) struct TokenKeys {
    store: Arc<dyn TokenKeyStore>,
    /// Newest first.
    live: ArcSwap<Vec<Arc<LiveKey>>>,
    /// One at a time, and when the last one began.
    reading: Mutex<Option<Instant>>,
}

impl TokenKeys {
    pub(super) fn new(store: Arc<dyn TokenKeyStore>) -> Self {
        Self {
            store,
            live: ArcSwap::default(),
            reading: Mutex::new(None),
        }
    }

    pub(super) fn find(&self, kid: &str) -> Option<Arc<LiveKey>> {
        let live = self.live.load();
        live.iter().find(|key| key.kid == kid).cloned()
    }

    /// The key to sign with now; makes one where none is young enough.
    pub(super) async fn get_signing_key(
        &self,
        ids: &dyn Ids,
        now: DateTime<Utc>,
    ) -> Result<Arc<LiveKey>, StoreError> {
        if let Some(key) = self.find_young(now) {
            return Ok(key);
        }
        let mut reading = self.reading.lock().await;
        self.read(&mut reading).await?;
        if let Some(key) = self.find_young(now) {
            return Ok(key);
        }
        let mut material = vec![0; MATERIAL_BYTES];
        aws_lc_rs::rand::fill(&mut material)
            .map_err(|_| StoreError::Broken("there are no random bytes".to_owned()))?;
        let key = TokenKey {
            kid: ids.uuid().to_string(),
            material: SecretSlice::from(material),
            created_at: now,
        };
        self.store.add_token_key(&key).await?;
        self.read(&mut reading).await?;
        self.find_young(now)
            .ok_or_else(|| StoreError::Broken("a token key is gone again".to_owned()))
    }

    /// Reads the keys again, because a token names one that is not known here. Who waited while
    /// another read that began later is content with that.
    pub(super) async fn refresh(&self) -> Result<(), StoreError> {
        let asked_at = Instant::now();
        let mut reading = self.reading.lock().await;
        if reading.is_some_and(|began_at| began_at > asked_at) {
            return Ok(());
        }
        self.read(&mut reading).await
    }

    async fn read(&self, began_at: &mut Option<Instant>) -> Result<(), StoreError> {
        let now = Instant::now();
        let keys = self.store.load_token_keys().await?;
        let live = keys.iter().map(|key| Arc::new(prepare(key))).collect();
        self.live.store(Arc::new(live));
        *began_at = Some(now);
        Ok(())
    }

    fn find_young(&self, now: DateTime<Utc>) -> Option<Arc<LiveKey>> {
        let newest = self.live.load().first().cloned()?;
        (now < newest.created_at + SIGNS_FOR).then_some(newest)
    }
}

fn prepare(key: &TokenKey) -> LiveKey {
    let material = key.material.expose_secret();
    LiveKey {
        kid: key.kid.clone(),
        created_at: key.created_at,
        signs: EncodingKey::from_secret(material),
        verifies: DecodingKey::from_secret(material),
    }
}

impl Access {
    /// Deletes the keys whose last token has expired; answers how many.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn forget_old_keys(&self) -> Result<usize, StoreError> {
        let before = self.clock.now() - SIGNS_FOR - LIFETIME - RESERVE;
        self.keys.store.forget_token_keys(before).await
    }
}

//! Everything the use-cases of orders need, gathered once. Each verb adds its `impl Orders` in its
//! own file.

use std::sync::Arc;

use url::Url;

use super::order::Bundle;
use super::ports::{Caller, OrderStore};
use crate::clients::Registry;
use crate::events::Wakeup;
use crate::payments::terms::FieldError;
use crate::payments::{Payments, Trouble};
use crate::ports::{Clock, Ids, StoreError};

/// How often a change may be overtaken before the caller is asked to come again.
pub(super) const TRIES: usize = 8;

/// The use-cases of orders.
pub struct Orders {
    pub(super) store: Arc<dyn OrderStore>,
    pub(super) payments: Arc<Payments>,
    pub(super) registry: Arc<Registry>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    /// Told after every commit that wrote events.
    pub(super) events_written: Wakeup,
    pub(super) public_url: Url,
    pub(super) caller: Arc<dyn Caller>,
}

/// What [`Orders`] is made of.
pub struct Parts {
    pub store: Arc<dyn OrderStore>,
    pub payments: Arc<Payments>,
    pub registry: Arc<Registry>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub events_written: Wakeup,
    /// Where browsers reach this service.
    pub public_url: Url,
    pub caller: Arc<dyn Caller>,
}

impl Orders {
    pub fn new(parts: Parts) -> Self {
        Self {
            store: parts.store,
            payments: parts.payments,
            registry: parts.registry,
            clock: parts.clock,
            ids: parts.ids,
            events_written: parts.events_written,
            public_url: parts.public_url,
            caller: parts.caller,
        }
    }

    /// An address of this service, under whatever path its public one has.
    pub(super) fn own_url(&self, path: &str) -> Url {
        let mut url = self.public_url.clone();
        let whole = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&whole);
        url
    }

    pub(super) async fn get_bundle(
        &self,
        set: super::order::SetId,
    ) -> Result<Bundle, OrderTrouble> {
        let found = self.store.find_bundle(set).await?;
        Ok(found.ok_or_else(|| StoreError::Broken("a set of orders vanished".into()))?)
    }
}

/// Why a use-case of orders could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum OrderTrouble {
    /// Also for what belongs to another client.
    #[error("there is no such order")]
    NotFound,
    #[error("fields are missing or broken")]
    Fields(Vec<FieldError>),
    /// It cannot be done to something that stands like this; a sentence.
    #[error("{0}")]
    StateConflict(String),
    /// The orders have an open payment that cannot be resumed yet.
    #[error("the orders already have an open payment")]
    PaymentOpen,
    #[error(transparent)]
    Payment(Trouble),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Trouble> for OrderTrouble {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Store(error) => Self::Store(error),
            trouble => Self::Payment(trouble),
        }
    }
}

impl OrderTrouble {
    /// Others were faster each time.
    pub(super) fn overtaken() -> Self {
        StoreError::Unavailable("others change the same orders all the time".into()).into()
    }
}

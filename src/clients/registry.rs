//! All clients in memory, so that no request waits for the database to know who asks.
//!
//! The copy is replaced whole when the store's revision has changed. Whoever holds an `Arc` of a
//! profile keeps that version until it lets go, so `refresh_if_changed` must run often (each
//! second) and a profile must not be kept beyond one request: revoked keys die with it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use mcpay_port::AccountId;
use tokio::sync::Mutex;

use super::ports::ClientStore;
use super::{ClientProfile, StoredAccount, StoredClient};
use crate::ports::StoreError;

/// The clients as they were at one revision.
#[derive(Default)]
struct Clients {
    revision: i64,
    profiles: HashMap<String, Arc<ClientProfile>>,
    accounts: HashMap<AccountId, Arc<StoredAccount>>,
}

pub struct Registry {
    store: Arc<dyn ClientStore>,
    clients: ArcSwap<Clients>,
    /// One refresh at a time, so that an older copy never replaces a newer one.
    refreshing: Mutex<()>,
}

impl Registry {
    /// Reads all clients.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn load(store: Arc<dyn ClientStore>) -> Result<Self, StoreError> {
        let clients = read(store.as_ref()).await?;
        Ok(Self {
            store,
            clients: ArcSwap::from_pointee(clients),
            refreshing: Mutex::new(()),
        })
    }

    /// Reads all clients again when the store has changed; answers whether it had.
    ///
    /// # Errors
    /// What the store answers; the clients known so far stay.
    pub async fn refresh_if_changed(&self) -> Result<bool, StoreError> {
        let _one_at_a_time = self.refreshing.lock().await;
        if self.store.get_clients_revision().await? == self.clients.load().revision {
            return Ok(false);
        }
        let clients = read(self.store.as_ref()).await?;
        self.clients.store(Arc::new(clients));
        Ok(true)
    }

    /// The client of this code, if it is known and its keys can be used.
    pub fn profile(&self, client_code: &str) -> Option<Arc<ClientProfile>> {
        self.clients.load().profiles.get(client_code).cloned()
    }

    /// Any version of an account, also of a client that was left out for its keys: its payments
    /// must still be followed to their end.
    pub fn account(&self, id: AccountId) -> Option<Arc<StoredAccount>> {
        self.clients.load().accounts.get(&id).cloned()
    }

    /// Every version of every account.
    pub fn accounts(&self) -> Vec<Arc<StoredAccount>> {
        self.clients.load().accounts.values().cloned().collect()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clients = self.clients.load();
        f.debug_struct("Registry")
            .field("revision", &clients.revision)
            .field("clients", &clients.profiles.len())
            .finish_non_exhaustive()
    }
}

/// The revision is read first: a change between the two reads makes the copy look old, and the
/// next refresh reads again. The other way round it would be missed for good.
async fn read(store: &dyn ClientStore) -> Result<Clients, StoreError> {
    let mut clients = Clients {
        revision: store.get_clients_revision().await?,
        ..Clients::default()
    };
    for stored in store.load_clients().await? {
        add(&mut clients, &stored);
    }
    Ok(clients)
}

fn add(clients: &mut Clients, stored: &StoredClient) {
    for account in &stored.accounts {
        clients
            .accounts
            .insert(account.account.id, Arc::new(account.clone()));
    }
    match ClientProfile::new(stored) {
        Ok(profile) => {
            let code = profile.client.code.as_str().to_owned();
            clients.profiles.insert(code, Arc::new(profile));
        }
        Err(problem) => {
            tracing::error!(
                client = %stored.client.code,
                %problem,
                "this client is left out because of a signing key; mend it with mcpay apply"
            );
        }
    }
}

#[cfg(test)]
mod tests;

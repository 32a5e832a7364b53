//! Access of merchants' backends to the client API (CONTRACT 5): a secret becomes a token, and a
//! token says which client asks.
//!
//! What must never live here: HTTP, or what a client may then do.

mod admit;
mod issue;
mod keys;
pub mod ports;
mod token;

use std::sync::Arc;

pub use admit::{Grant, InvalidToken};
pub use issue::{Credentials, IssueError, Issued};

use keys::TokenKeys;
use ports::TokenKeyStore;

use crate::clients::Registry;
use crate::clients::oauth_secret::SecretHasher;
use crate::ports::{Clock, Ids};

/// The use-cases of access.
pub struct Access {
    registry: Arc<Registry>,
    hasher: SecretHasher,
    keys: TokenKeys,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Access {
    pub fn new(
        store: Arc<dyn TokenKeyStore>,
        registry: Arc<Registry>,
        hasher: SecretHasher,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            registry,
            hasher,
            keys: TokenKeys::new(store),
            clock,
            ids,
        }
    }
}

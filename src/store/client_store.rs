//! The store as the keeping of clients sees it.

use async_trait::async_trait;

use super::{Store, unit};
use crate::clients::StoredClient;
use crate::clients::ports::{ClientChange, ClientStore};
use crate::ports::StoreError;

#[async_trait]
impl ClientStore for Store {
    async fn save_client(&self, change: &ClientChange) -> Result<(), StoreError> {
        let change = change.clone();
        unit!(self, writer, wrote_nothing, |key| clients::save_client(
            &change, key
        ))
    }

    /// Waits for a change of clients that is at work, which is why it takes the writer.
    async fn load_clients(&self) -> Result<Vec<StoredClient>, StoreError> {
        unit!(self, writer, lost_connection, |key| clients::load_clients(
            key
        ))
    }

    async fn get_clients_revision(&self) -> Result<i64, StoreError> {
        unit!(
            self,
            reader,
            lost_connection,
            clients::get_clients_revision()
        )
    }
}

//! Forget: keys and hints that are older than anybody may ask for.

use super::service::Payments;
use crate::ports::StoreError;

/// CONTRACT 8.13.
const KEPT: chrono::Duration = chrono::Duration::days(7);

impl Payments {
    /// Answers how many rows went.
    pub async fn forget_old_keys(&self) -> Result<usize, StoreError> {
        self.store.forget_before(self.clock.now() - KEPT).await
    }
}

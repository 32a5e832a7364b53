//! `mcpay migrate`: bring the database to this version.

use secrecy::ExposeSecret as _;

use crate::config::Migrate;
use crate::store::Store;

pub async fn migrate(settings: &Migrate) -> Result<(), String> {
    Store::migrate(settings.database_url.expose_secret())
        .await
        .map_err(|error| format!("The database cannot be migrated: {error}"))?;
    println!("The database is at this version.");
    Ok(())
}

//! Whether the broker lets us in: connects once, and hangs up.

use lapin::{Connection, ConnectionProperties};
use secrecy::{ExposeSecret as _, SecretString};

/// # Errors
/// A sentence without the URL, which may hold a password.
pub async fn reach_broker(url: &SecretString) -> Result<(), String> {
    let connected = Connection::connect(url.expose_secret(), ConnectionProperties::default()).await;
    match connected {
        Ok(connection) => {
            // It was let in; how it hangs up makes no difference.
            let _ = connection.close(200, "examined".into()).await;
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}

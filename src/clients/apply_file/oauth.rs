//! `[client.oauth]`: the secrets that the merchant's backend gets its tokens with.

use secrecy::{ExposeSecret, SecretString};

use super::ApplyOptions;
use super::secrets;
use super::section::Section;

/// Less can be guessed, characters.
const SHORTEST: usize = 20;

/// The secret and the one before it, which lives on until it is taken out of the file.
pub(super) fn read_oauth(
    client: &mut Section<'_>,
    options: &ApplyOptions<'_>,
) -> Vec<SecretString> {
    if !client.has("oauth") {
        let _absent = client.take("oauth");
        return Vec::new();
    }
    let Some(mut oauth) = client.section("oauth") else {
        return Vec::new();
    };
    if !oauth.has("secret") {
        oauth.problem("secret", "is required");
    }
    let read = ["secret", "previous_secret"].map(|key| read_secret(&mut oauth, key, options));
    let [secret, previous] = read;
    if let (Some(secret), Some(previous)) = (&secret, &previous)
        && secret.expose_secret() == previous.expose_secret()
    {
        oauth.problem("previous_secret", "is the same as secret; leave it out");
    }
    oauth.finish();
    secret.into_iter().chain(previous).collect()
}

fn read_secret(
    oauth: &mut Section<'_>,
    key: &'static str,
    options: &ApplyOptions<'_>,
) -> Option<SecretString> {
    let value = oauth.take(key)?;
    let secret = match secrets::resolve(&value, options) {
        Ok(secret) => secret,
        Err(message) => {
            oauth.problem(key, message);
            return None;
        }
    };
    if secret.expose_secret().chars().count() < SHORTEST {
        let message = format!("must have at least {SHORTEST} characters; make a random one");
        oauth.problem(key, message);
        return None;
    }
    Some(secret)
}

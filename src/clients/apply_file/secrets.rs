//! Secrets of the file: a literal, `{ env = "…" }` or `{ file = "…" }`. No message repeats one.

use secrecy::{ExposeSecret, SecretString};
use toml::Value;

use super::ApplyOptions;

/// What `mcpay demo` signs with; published, so good for nothing else (CONTRACT 7).
pub const DEMO_SIGNING_SECRET: &str =
    "demo-only-secret-do-not-use-in-production-0123456789abcdefghijklmnop";

/// The OAuth secret of `mcpay demo`; published as well.
pub const DEMO_OAUTH_SECRET: &str = "demo-only-oauth-secret";

/// Keys and secrets are shorter, bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Whether a value is written as a reference to a secret, and which.
pub(super) fn is_reference(value: &Value) -> bool {
    value.as_table().is_some_and(|table| {
        table.len() == 1 && (table.contains_key("env") || table.contains_key("file"))
    })
}

/// The secret that a value is or refers to.
///
/// # Errors
/// A sentence that says what to do.
pub(super) fn resolve(value: &Value, options: &ApplyOptions<'_>) -> Result<SecretString, String> {
    let secret = match value {
        Value::String(literal) => literal.clone(),
        Value::Table(table) if is_reference(value) => {
            match (
                table.get("env").and_then(Value::as_str),
                table.get("file").and_then(Value::as_str),
            ) {
                (Some(name), None) => (options.env)(name).ok_or_else(|| {
                    format!("the environment variable {name} is not set; set it and apply again")
                })?,
                (None, Some(path)) => read_file(path, options)?,
                _ => return Err("needs a string as env or file".to_owned()),
            }
        }
        _ => {
            return Err("must be a string, { env = \"NAME\" } or { file = \"PATH\" }".to_owned());
        }
    };
    if secret.is_empty() {
        return Err("is empty".to_owned());
    }
    let secret = SecretString::from(secret);
    let published = [DEMO_SIGNING_SECRET, DEMO_OAUTH_SECRET];
    if options.refuse_demo_secrets && published.contains(&secret.expose_secret()) {
        return Err(
            "is a secret of mcpay demo, which everybody knows; make one of your own".to_owned(),
        );
    }
    Ok(secret)
}

/// The content without the line end that editors leave.
fn read_file(path: &str, options: &ApplyOptions<'_>) -> Result<String, String> {
    let whole = options.directory.join(path);
    let size = std::fs::metadata(&whole)
        .map_err(|error| format!("the file {path} cannot be read: {}", error.kind()))?
        .len();
    if size > MAX_FILE_BYTES {
        return Err(format!("the file {path} is larger than 64 KiB"));
    }
    let content = std::fs::read_to_string(&whole)
        .map_err(|error| format!("the file {path} cannot be read: {}", error.kind()))?;
    Ok(content.trim_end_matches(['\r', '\n']).to_owned())
}

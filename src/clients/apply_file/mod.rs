//! The file of `mcpay apply` (CONTRACT 7.1): TOML in, checked clients out, or every problem with
//! its path. What must never live here: the store, or a secret in a message.

mod account;
mod client;
mod coupon;
mod draft;
mod duration;
mod oauth;
mod secrets;
mod section;
mod signing_key;

#[cfg(test)]
mod tests;

use std::path::Path;

use mcpay_port::{AccountProblem, AccountSettings, ProviderId};

pub use draft::{ClientDraft, NoRandomness};
pub use secrets::{DEMO_OAUTH_SECRET, DEMO_SIGNING_SECRET};

use section::{Problems, Section};

/// What the reading may depend on.
pub struct ApplyOptions<'a> {
    /// Refuse the two published constants of `mcpay demo`; only the demo itself may use them.
    pub refuse_demo_secrets: bool,
    /// Looks up an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Relative `{ file = "…" }` paths start here: the folder of the apply file.
    pub directory: &'a Path,
}

/// The clients of a file, and what a person should know about it.
#[derive(Clone, Debug)]
pub struct ApplyFile {
    pub clients: Vec<ClientDraft>,
    pub notices: Vec<Notice>,
}

/// Something that was read and is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub path: String,
    pub message: String,
}

/// Something that must be mended before anything is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct FileProblem {
    /// E.g. `client[0].coupon[1].price`.
    pub path: String,
    pub message: String,
}

/// Asks a provider's adapter about an account's settings; `None` where this build has no such
/// adapter.
type Check<'a> = &'a dyn Fn(ProviderId, &AccountSettings) -> Option<Result<(), AccountProblem>>;

/// Reads the file. `check` asks a provider's adapter about an account's settings and answers
/// `None` where this build has no such adapter: then the account is skipped, with a notice.
///
/// # Errors
/// All problems of the file at once.
pub fn read_apply_file(
    text: &str,
    options: &ApplyOptions<'_>,
    check: impl Fn(ProviderId, &AccountSettings) -> Option<Result<(), AccountProblem>>,
) -> Result<ApplyFile, Vec<FileProblem>> {
    let table = match toml::from_str::<toml::Table>(text) {
        Ok(table) => table,
        Err(error) => return Err(vec![not_toml(text, &error)]),
    };
    let problems = Problems::default();
    let mut notices = Vec::new();
    let mut clients: Vec<ClientDraft> = Vec::new();
    let mut file = Section::new(String::new(), table, &problems);
    if !file.has("client") {
        problems.add("client", "is required: write at least one [[client]]");
    }
    for section in file.sections("client") {
        let path = section.path("client_code");
        let Some(draft) = client::read_client(section, options, &check, &mut notices) else {
            continue;
        };
        if clients
            .iter()
            .any(|known| known.client.code == draft.client.code)
        {
            problems.add(path, "stands in this file twice");
        } else {
            clients.push(draft);
        }
    }
    file.finish();
    let problems = problems.into_vec();
    if problems.is_empty() {
        Ok(ApplyFile { clients, notices })
    } else {
        Err(problems)
    }
}

/// The library's own sentence quotes the line, which may hold a secret; only its place is told.
fn not_toml(text: &str, error: &toml::de::Error) -> FileProblem {
    let offset = error.span().map_or(0, |span| span.start);
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    FileProblem {
        path: format!("line {line}, column {column}"),
        message: format!("is not TOML: {}", error.message()),
    }
}

//! The file of `mcpay apply` (CONTRACT 7.1): TOML in, checked clients out, or every problem with
//! its path. What must never live here: the store, or a secret in a message.

mod draft;

use std::path::Path;

use mcpay_port::{AccountProblem, AccountSettings, ProviderId};

pub use draft::{ClientDraft, NoRandomness};

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
    let _ = (text, options, check);
    Err(vec![FileProblem {
        path: String::new(),
        message: "not yet read".to_owned(),
    }])
}

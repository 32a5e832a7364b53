//! What of this provider's ways can be switched (`_rules`).

use std::sync::Mutex;

use mcpay_sandbox::Ruled;
use serde::{Deserialize, Serialize};

use super::state::State;

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rules {
    /// Whether a payment may be retrieved 30 times in an hour only.
    pub(crate) retrieve_limit: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            retrieve_limit: true,
        }
    }
}

impl Ruled for State {
    type Rules = Rules;

    fn rules(&self) -> &Mutex<Rules> {
        &self.rules
    }
}

//! What of this provider's ways can be switched (`_rules`).

use std::sync::Mutex;

use mcpay_sandbox::Ruled;
use serde::{Deserialize, Serialize};

use super::state::State;

#[derive(Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rules {
    /// Whether the acquirer refuses every capture. The fifth refusal locks a payment order for good.
    pub(crate) refuse_captures: bool,
}

impl Ruled for State {
    type Rules = Rules;

    fn rules(&self) -> &Mutex<Rules> {
        &self.rules
    }
}

//! What of this provider's ways can be switched (`_rules`).

use std::sync::Mutex;

use chrono::TimeDelta;
use mcpay_sandbox::Ruled;
use serde::{Deserialize, Serialize};

use super::state::State;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rules {
    /// Whether too many calls in a minute are refused.
    pub(crate) rate_limits: bool,
    /// Whether Recurring answers changes of charges 202 and carries them out later.
    pub(crate) accepts_only: bool,
    /// How long after the approval `sub` is told, on the sandbox's clock. The payer who approves by
    /// itself (`autoApprove`) is known at once.
    sub_delay_seconds: u32,
    /// Whether every token is refused, and no other given, as when keys were replaced in the portal.
    pub(crate) refuses_access: bool,
    /// Above zero, every call but those for a token is answered 429, to come back after so long.
    pub(crate) busy_seconds: u32,
    /// How long a key is remembered, on the sandbox's clock. The provider does not say.
    keys_kept_seconds: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            rate_limits: true,
            accepts_only: false,
            sub_delay_seconds: 2,
            refuses_access: false,
            busy_seconds: 0,
            keys_kept_seconds: 7 * 24 * 3600,
        }
    }
}

impl Rules {
    pub(crate) fn sub_delay(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.sub_delay_seconds))
    }

    pub(crate) fn keys_kept(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.keys_kept_seconds))
    }
}

impl Ruled for State {
    type Rules = Rules;

    fn rules(&self) -> &Mutex<Rules> {
        &self.rules
    }
}

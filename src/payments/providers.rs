//! The adapters that a build has, by the name that accounts know them by.

use std::collections::HashMap;
use std::sync::Arc;

use mcpay_port::{Provider, ProviderId};

pub type Providers = HashMap<ProviderId, Arc<dyn Provider>>;

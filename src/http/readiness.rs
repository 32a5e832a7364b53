//! Whether this process can do its work. The parts answer for themselves; this only asks.

use async_trait::async_trait;

/// How one part stands; the name and the sentence are public.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Check {
    pub name: &'static str,
    pub ok: bool,
    /// Whether the service can take payments without it.
    pub required: bool,
    pub detail: String,
}

#[async_trait]
pub trait Readiness: Send + Sync {
    async fn check(&self) -> Vec<Check>;
}

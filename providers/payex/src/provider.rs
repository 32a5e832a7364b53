//! `impl Provider`: thin, calls `map` and `client`.

/// The adapter. One instance serves every account.
pub struct Payex {
    #[allow(dead_code)]
    http: reqwest::Client,
}

impl Payex {
    pub fn new(http: reqwest::Client) -> Self {
        Self { http }
    }
}

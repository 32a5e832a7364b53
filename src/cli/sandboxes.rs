//! The three simulated providers of one process, as `mcpay demo`, `mcpay sandbox` and the tests
//! mount them. They know the demo client's accounts and no others.

use std::time::Duration;

use actix_web::web::ServiceConfig;
use mcpay_port::{Currency, ProviderId};
use url::Url;

use super::demo_accounts::{
    DEMO_NEXI_CHECKOUT_KEY, DEMO_NEXI_SECRET_KEY, DEMO_PAYEX_PAYEE, DEMO_PAYEX_TOKEN,
    DEMO_VIPPS_CLIENT_ID, DEMO_VIPPS_CLIENT_SECRET, DEMO_VIPPS_SERIAL_NUMBER,
    DEMO_VIPPS_SUBSCRIPTION_KEY,
};

/// The provider's own pace.
pub const REAL_SECOND: Duration = Duration::from_secs(1);

/// The simulators; clones share their state.
#[derive(Clone)]
pub struct Sandboxes {
    payex: mcpay_payex::Sandbox,
    vipps: mcpay_vipps::Sandbox,
    nexi: mcpay_nexi::Sandbox,
}

impl Sandboxes {
    /// The simulators of a process that is reached at `public_url`. One second of a provider's
    /// retry schedule lasts `retry_second`.
    ///
    /// # Errors
    /// When `public_url` cannot be joined with their paths.
    pub fn new(
        public_url: &Url,
        http: &reqwest::Client,
        retry_second: Duration,
    ) -> Result<Self, String> {
        let url = |provider| {
            Url::parse(&sandbox_url(public_url, provider)).map_err(|error| error.to_string())
        };
        let payex = mcpay_payex::Sandbox::new(mcpay_payex::SandboxOptions {
            public_url: url(ProviderId::Payex)?,
            payees: vec![(DEMO_PAYEX_PAYEE.to_owned(), DEMO_PAYEX_TOKEN.to_owned())],
            retry_second,
            http: http.clone(),
        });
        let vipps = mcpay_vipps::Sandbox::new(mcpay_vipps::SandboxOptions {
            public_url: url(ProviderId::Vipps)?,
            accounts: vec![mcpay_vipps::SandboxAccount {
                client_id: DEMO_VIPPS_CLIENT_ID.to_owned(),
                client_secret: DEMO_VIPPS_CLIENT_SECRET.to_owned(),
                subscription_key: DEMO_VIPPS_SUBSCRIPTION_KEY.to_owned(),
                merchant_serial_number: DEMO_VIPPS_SERIAL_NUMBER.to_owned(),
                currency: Currency::NOK,
                unscheduled: false,
            }],
            retry_second,
            http: http.clone(),
        });
        let nexi = mcpay_nexi::Sandbox::new(mcpay_nexi::SandboxOptions {
            public_url: url(ProviderId::Nexi)?,
            accounts: vec![mcpay_nexi::SandboxAccount {
                secret_key: DEMO_NEXI_SECRET_KEY.to_owned(),
                checkout_key: DEMO_NEXI_CHECKOUT_KEY.to_owned(),
            }],
            retry_second,
            http: http.clone(),
        });
        Ok(Self { payex, vipps, nexi })
    }

    /// Mounts each at its path.
    pub fn mount(&self, config: &mut ServiceConfig) {
        config
            .service(self.payex.routes(&sandbox_path(ProviderId::Payex)))
            .service(self.vipps.routes(&sandbox_path(ProviderId::Vipps)))
            .service(self.nexi.routes(&sandbox_path(ProviderId::Nexi)));
    }

    /// Lets go of everything that they hold back or still mean to send.
    pub async fn shutdown(&self) {
        self.payex.shutdown().await;
        self.vipps.shutdown().await;
        self.nexi.shutdown().await;
    }
}

/// CONTRACT 1: where a simulator is mounted.
pub fn sandbox_path(provider: ProviderId) -> String {
    format!("/sandbox/{provider}")
}

/// Where a simulator of a process at `public_url` is reached.
pub fn sandbox_url(public_url: &Url, provider: ProviderId) -> String {
    format!(
        "{}{}",
        public_url.as_str().trim_end_matches('/'),
        sandbox_path(provider)
    )
}

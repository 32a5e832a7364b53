//! What an operator does with `mcpay apply`: clients written as a file, read and stored as the
//! command does it.

use std::path::Path;

use mcpay::cli::{
    DEMO_CLIENT, DEMO_NEXI_CHECKOUT_KEY, DEMO_NEXI_SECRET_KEY, DEMO_OAUTH_SECRET, sandbox_url,
};
use mcpay::clients::apply_file::{ApplyOptions, read_apply_file};
use mcpay::clients::ports::ClientStore as _;
use mcpay::ports::Clock as _;
use mcpay::system::System;
use mcpay::wiring::providers;
use mcpay_port::ProviderId;

use super::signing::TestKey;
use super::world::World;

/// One client of an `apply` file.
pub struct ClientFile {
    pub client_code: String,
    /// Sections, as [`TestKey::section`] writes them.
    pub signing_keys: Vec<String>,
    /// The current one and at most one before it.
    pub oauth_secrets: Vec<String>,
    pub origins: Vec<String>,
    pub per_second: u32,
    pub per_minute: u32,
    /// Where its PayEx account is; `None` for a client without one.
    pub payex_url: Option<String>,
    /// Where its Nexi account is; `None` for a client without one.
    pub nexi_url: Option<String>,
    pub has_coupon: bool,
    /// More lines of the coupon.
    pub coupon_more: String,
    pub capture: &'static str,
}

impl ClientFile {
    pub fn with_keys(self, keys: &[&TestKey]) -> Self {
        Self {
            signing_keys: keys.iter().map(|key| key.section()).collect(),
            ..self
        }
    }

    fn text(&self) -> String {
        let Self {
            client_code,
            coupon_more,
            per_second,
            per_minute,
            capture,
            ..
        } = self;
        let keys = self.signing_keys.join("\n");
        let origins = &self.origins;
        let account = self.payex_url.as_ref().map_or(String::new(), |url| {
            format!(
                "[client.payex]\nbase_url = {url:?}\npayee_id = \"demo-payee\"\n\
                 access_token = \"demo-only-payex-token\"\n"
            )
        });
        let nexi = self.nexi_url.as_ref().map_or(String::new(), |url| {
            format!(
                "[client.nexi]\nbase_url = {url:?}\n\
                 checkout_script = \"{url}/v1/checkout.js?v=1\"\n\
                 secret_key = {DEMO_NEXI_SECRET_KEY:?}\ncheckout_key = {DEMO_NEXI_CHECKOUT_KEY:?}\n"
            )
        });
        let oauth: Vec<String> = ["secret", "previous_secret"]
            .iter()
            .zip(&self.oauth_secrets)
            .map(|(key, secret)| format!("{key} = {secret:?}\n"))
            .collect();
        let oauth = if oauth.is_empty() {
            String::new()
        } else {
            format!("[client.oauth]\n{}", oauth.concat())
        };
        let coupon = if self.has_coupon {
            "[[client.coupon]]\ncode = \"TOTT\"\nnumber = 1\nproduct = \"TOTT\"\n\
             description = \"Digital subscription, monthly\"\nprice = \"349.00\"\n\
             start_price = \"1.00\"\nvat_percent = \"25\"\ncurrency = \"NOK\"\n\
             period_length = 1\nperiod_type = \"months\"\n"
        } else {
            ""
        };
        format!(
            "[[client]]\nclient_code = {client_code:?}\nname = \"A newspaper\"\n\
             company_code = \"DEMO\"\nmerchant_group = \"demo\"\ncountry = \"NO\"\n\
             default_currency = \"NOK\"\nallowed_origins = {origins:?}\n\
             capture = {capture:?}\nlanguage = \"nb-NO\"\n\
             rate_limit = {{ per_second = {per_second}, per_minute = {per_minute} }}\n\
             claim_within = \"24h\"\npay_within = \"1h\"\n{keys}\n{oauth}\n{account}\n{nexi}\n{coupon}{coupon_more}"
        )
    }
}

impl World {
    /// The demo client with its card accounts, to be changed and applied.
    pub fn client_file(&self) -> ClientFile {
        ClientFile {
            client_code: DEMO_CLIENT.to_owned(),
            signing_keys: vec![TestKey::demo().section()],
            oauth_secrets: vec![DEMO_OAUTH_SECRET.to_owned()],
            origins: vec![self.base.origin().ascii_serialization()],
            per_second: 100,
            per_minute: 2_000,
            payex_url: Some(sandbox_url(&self.base, ProviderId::Payex)),
            nexi_url: Some(sandbox_url(&self.base, ProviderId::Nexi)),
            has_coupon: true,
            coupon_more: String::new(),
            capture: "on_order",
        }
    }

    /// Stores the file; the running service learns of it by itself.
    pub async fn applies(&self, file: &ClientFile) {
        let adapters = providers(&self.http);
        let options = ApplyOptions {
            refuse_demo_secrets: false,
            env: &|_| None,
            directory: Path::new("."),
        };
        let read = read_apply_file(&file.text(), &options, |provider, settings| {
            let adapter = adapters.get(&provider)?;
            Some(adapter.check_account(settings))
        });
        for draft in read.expect("the file is sound").clients {
            let change = draft
                .into_change(&System, System.now())
                .expect("randomness");
            self.built.store.save_client(&change).await.expect("stored");
        }
    }

    /// Stores the file and does not wait for the service to notice.
    pub async fn applies_at_once(&self, file: &ClientFile) {
        self.applies(file).await;
        let registry = &self.built.app.registry;
        registry.refresh_if_changed().await.expect("the store");
    }
}

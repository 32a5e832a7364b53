//! The demo client (CONTRACT 7): published constants, so that everybody's demo is the same, and the
//! guard that keeps them out of production.

use mcpay_port::{AccountSettings, ProviderId};
use secrecy::ExposeSecret as _;
use url::Url;

use super::demo_accounts::{
    DEMO_NEXI_CHECKOUT_KEY, DEMO_NEXI_SECRET_KEY, DEMO_PAYEX_PAYEE, DEMO_PAYEX_TOKEN,
    DEMO_VIPPS_CLIENT_ID, DEMO_VIPPS_CLIENT_SECRET, DEMO_VIPPS_SERIAL_NUMBER,
    DEMO_VIPPS_SUBSCRIPTION_KEY,
};
use super::sandboxes::sandbox_url;
use crate::clients::apply_file::{ApplyOptions, read_apply_file};
use crate::clients::oauth_secret::SecretHasher;
use crate::clients::ports::ClientStore;
use crate::payments::Providers;
use crate::ports::Clock as _;
use crate::signing::SigningKeyConfig;
use crate::system::System;

pub const DEMO_CLIENT: &str = "no.mediaconnect.test";
pub use crate::clients::apply_file::{DEMO_OAUTH_SECRET, DEMO_SIGNING_SECRET};

/// The file a merchant would write, with the demo's constants in it.
fn file(public_url: &Url, sandboxes: &Url, origins: &[String]) -> String {
    let base = public_url.as_str().trim_end_matches('/');
    let [payex_url, vipps_url, nexi_url] = [ProviderId::Payex, ProviderId::Vipps, ProviderId::Nexi]
        .map(|provider| sandbox_url(sandboxes, provider));
    let origins: Vec<String> = origins.iter().map(|origin| format!("{origin:?}")).collect();
    let origins = origins.join(", ");
    format!(
        r#"
[[client]]
client_code = "{DEMO_CLIENT}"
name = "Demo newspaper"
company_code = "DEMO"
merchant_group = "demo"
country = "NO"
default_currency = "NOK"
allowed_origins = [{origins}]
capture = "on_order"
claim_within = "24h"
pay_within = "1h"
language = "nb-NO"
agreement_url = "{base}/demo/agreement"
terms_url = "{base}/demo/terms"

[[client.signing_key]]
kid = "demo"
algorithm = "HS512"
secret = "{DEMO_SIGNING_SECRET}"

[client.oauth]
secret = "{DEMO_OAUTH_SECRET}"

[client.payex]
base_url = "{payex_url}"
payee_id = "{DEMO_PAYEX_PAYEE}"
access_token = "{DEMO_PAYEX_TOKEN}"

[client.vipps]
base_url = "{vipps_url}"
client_id = "{DEMO_VIPPS_CLIENT_ID}"
client_secret = "{DEMO_VIPPS_CLIENT_SECRET}"
subscription_key = "{DEMO_VIPPS_SUBSCRIPTION_KEY}"
merchant_serial_number = "{DEMO_VIPPS_SERIAL_NUMBER}"

[client.nexi]
base_url = "{nexi_url}"
checkout_script = "{nexi_url}/v1/checkout.js?v=1"
secret_key = "{DEMO_NEXI_SECRET_KEY}"
checkout_key = "{DEMO_NEXI_CHECKOUT_KEY}"

[[client.coupon]]
code = "TOTT"
number = 1
product = "TOTT"
description = "Digital subscription, monthly"
price = "349.00"
start_price = "1.00"
vat_percent = "25"
currency = "NOK"
period_length = 1
period_type = "months"
"#
    )
}

/// Writes the demo client into the store, with its accounts in the simulators at `sandboxes`.
///
/// # Errors
/// A sentence; a broken demo file would be a bug.
pub async fn apply_demo_client(
    store: &dyn ClientStore,
    providers: &Providers,
    public_url: &Url,
    sandboxes: &Url,
    more_origins: &[Url],
) -> Result<(), String> {
    let origins: Vec<String> = std::iter::once(public_url)
        .chain(more_origins)
        .map(|url| url.origin().ascii_serialization())
        .collect();
    let text = file(public_url, sandboxes, &origins);
    let options = ApplyOptions {
        refuse_demo_secrets: false,
        env: &|_| None,
        directory: std::path::Path::new("."),
    };
    let check = |provider: ProviderId, settings: &AccountSettings| {
        providers
            .get(&provider)
            .map(|adapter| adapter.check_account(settings))
    };
    let file = read_apply_file(&text, &options, check).map_err(|problems| {
        problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    })?;
    for draft in file.clients {
        let change = draft
            .into_change(&System, System.now())
            .map_err(|e| e.to_string())?;
        store
            .save_client(&change)
            .await
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Production must not run with a secret that everybody knows (CONTRACT 7).
///
/// # Errors
/// A sentence that names the client.
pub async fn refuse_demo_secrets(
    store: &dyn ClientStore,
    hasher: &SecretHasher,
) -> Result<(), String> {
    let clients = store
        .load_clients()
        .await
        .map_err(|error| error.to_string())?;
    for client in &clients {
        let code = client.client.code.as_str();
        let signs = |key: &SigningKeyConfig| key.material.expose_secret() == DEMO_SIGNING_SECRET;
        let signing = client.signing_keys.iter().any(signs);
        let oauth = DEMO_OAUTH_SECRET.to_owned().into();
        let oauth = hasher.find_generation(code, &client.oauth_secrets, &oauth);
        let secret = match (signing, oauth) {
            (true, _) => "signing secret",
            (false, Some(_)) => "OAuth secret",
            (false, None) => continue,
        };
        return Err(format!(
            "The client {code} has the demo's {secret}, which everybody knows. Give it one of its \
             own with mcpay apply, or use another database."
        ));
    }
    Ok(())
}

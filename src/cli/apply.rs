//! `mcpay apply FILE`: create or update clients, keys, accounts and coupons. All problems of the
//! file are told at once, and nothing is written while there is one.

use std::path::Path;

use mcpay_port::{AccountSettings, ProviderId};

use crate::clients::apply_file::{ApplyFile, ApplyOptions, read_apply_file};
use crate::clients::ports::ClientStore as _;
use crate::config::Apply;
use crate::ports::Clock as _;
use crate::store::StoreOptions;
use crate::system::System;
use crate::wiring::{http_client, master_key, open_store, providers};

pub async fn apply(settings: &Apply) -> Result<(), String> {
    let path = settings.file.display();
    let text = tokio::fs::read_to_string(&settings.file)
        .await
        .map_err(|error| format!("{path} cannot be read: {error}"))?;
    let file = read(&text, &settings.file)?;
    let key = master_key(&settings.master_key)?;
    let options = StoreOptions {
        master_key: key,
        pool_size: 2,
    };
    let store = open_store(&settings.database_url, options).await?;
    for notice in &file.notices {
        println!("note: {}: {}", notice.path, notice.message);
    }
    for draft in file.clients {
        let change = draft
            .into_change(&System, System.now())
            .map_err(|error| error.to_string())?;
        store
            .save_client(&change)
            .await
            .map_err(|error| error.to_string())?;
        println!(
            "{}: {} signing keys, {} OAuth secrets, {} accounts, {} coupons",
            change.client.code,
            change.signing_keys.len(),
            change.oauth_secrets.len(),
            change.accounts.len(),
            change.coupons.len()
        );
    }
    Ok(())
}

fn read(text: &str, path: &Path) -> Result<ApplyFile, String> {
    let providers = providers(&http_client()?);
    let options = ApplyOptions {
        refuse_demo_secrets: true,
        env: &|name| std::env::var(name).ok(),
        directory: path.parent().unwrap_or(Path::new(".")),
    };
    let check = |provider: ProviderId, settings: &AccountSettings| {
        providers
            .get(&provider)
            .map(|adapter| adapter.check_account(settings))
    };
    read_apply_file(text, &options, check).map_err(|problems| {
        let list: Vec<String> = problems
            .iter()
            .map(|problem| format!("  {problem}"))
            .collect();
        format!(
            "{} cannot be applied; nothing was written.\n{}",
            path.display(),
            list.join("\n")
        )
    })
}

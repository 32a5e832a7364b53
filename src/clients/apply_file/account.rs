//! `[client.payex]`, `[client.vipps]`, `[client.nexi]`: tables that only the adapters understand.

use mcpay_port::{AccountSettings, ProviderId};
use secrecy::ExposeSecret;
use serde_json::Value as Json;
use toml::Value;

use super::section::{Problems, Section};
use super::{ApplyOptions, Check, Notice, secrets};
use crate::clients::AccountConfig;

/// Reads the accounts and has each checked by its adapter; `check` answers `None` without one.
pub(super) fn read_accounts(
    client: &mut Section<'_>,
    options: &ApplyOptions<'_>,
    check: Check<'_>,
    notices: &mut Vec<Notice>,
) -> Vec<AccountConfig> {
    let mut accounts = Vec::new();
    for provider in ProviderId::ALL {
        let Some(value) = client.take(provider.as_str()) else {
            continue;
        };
        let path = client.path(provider.as_str());
        if !value.is_table() {
            client.problem(provider.as_str(), "must be a table");
            continue;
        }
        let Some(json) = to_json(&path, &value, options, client.problems()) else {
            continue;
        };
        let settings = AccountSettings::from_json(json.to_string());
        match check(provider, &settings) {
            Some(Ok(())) => accounts.push(AccountConfig { provider, settings }),
            Some(Err(problem)) => client.problem(provider.as_str(), problem.to_string()),
            None => notices.push(Notice {
                path,
                message: format!("this build has no {provider}; the account is left out"),
            }),
        }
    }
    accounts
}

/// `None` when something inside was wrong; the rest is still looked through.
fn to_json(
    path: &str,
    value: &Value,
    options: &ApplyOptions<'_>,
    problems: &Problems,
) -> Option<Json> {
    if secrets::is_reference(value) {
        return match secrets::resolve(value, options) {
            Ok(secret) => Some(Json::from(secret.expose_secret())),
            Err(message) => {
                problems.add(path, message);
                None
            }
        };
    }
    match value {
        Value::String(text) => match secrets::resolve(value, options) {
            // An empty string is for the adapter to judge: not every field is a secret.
            Ok(_) => Some(Json::from(text.as_str())),
            Err(_) if text.is_empty() => Some(Json::from("")),
            Err(message) => {
                problems.add(path, message);
                None
            }
        },
        Value::Integer(number) => Some(Json::from(*number)),
        Value::Boolean(flag) => Some(Json::from(*flag)),
        Value::Float(_) | Value::Datetime(_) => {
            problems.add(path, "must be a string, a whole number, true or false");
            None
        }
        Value::Array(items) => {
            let items: Vec<Option<Json>> = items
                .iter()
                .enumerate()
                .map(|(index, item)| to_json(&format!("{path}[{index}]"), item, options, problems))
                .collect();
            items
                .into_iter()
                .collect::<Option<Vec<Json>>>()
                .map(Json::from)
        }
        Value::Table(table) => {
            let fields: Vec<Option<(String, Json)>> = table
                .iter()
                .map(|(key, field)| {
                    let json = to_json(&format!("{path}.{key}"), field, options, problems)?;
                    Some((key.clone(), json))
                })
                .collect();
            let fields: Option<serde_json::Map<String, Json>> = fields.into_iter().collect();
            fields.map(Json::from)
        }
    }
}

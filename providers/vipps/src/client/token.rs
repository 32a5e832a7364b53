//! Access tokens: one per account, fetched once for all that wait for it, and again before it ends
//! (the provider's access token guide). A token is never written anywhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use mcpay_port::{Failure, FailureKind, ProviderError};
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use crate::client::exchange::{Request, exchange, plain, sensitive};
use crate::config::Settings;
use crate::link;
use crate::problem::Effect;
use crate::wire::answer::AccessToken;

/// A token that has less left than this is not used any more, unless it was short-lived anyway.
const SPARE: Duration = Duration::from_secs(5 * 60);

/// Everything that makes the provider give another token, as a digest: a map keeps no secrets.
type AccountKey = [u8; 32];

/// The tokens of every account that was used since the start.
#[derive(Default)]
pub struct Tokens {
    accounts: Mutex<HashMap<AccountKey, Arc<Slot>>>,
}

/// One account's token. Whoever holds the lock fetches; the others wait for it.
#[derive(Default)]
struct Slot {
    held: tokio::sync::Mutex<Held>,
    /// How many fetches have ended, readable without the lock.
    fetches: std::sync::atomic::AtomicU64,
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// Why the last fetch failed, for those who waited for it.
    failure: Option<ProviderError>,
}

struct Token {
    secret: SecretString,
    number: u64,
    use_before: Instant,
}

/// A token to call with.
#[derive(Clone)]
pub struct Bearer {
    pub secret: SecretString,
    /// Which of the account's tokens it is.
    number: u64,
    /// It was fetched for this very call, so a refusal of it is no matter of age.
    pub is_new: bool,
}

impl Tokens {
    /// The account's token, fetched when there is none that lasts. Waits until `deadline`.
    ///
    /// # Errors
    /// `DidNotHappen`: without a token nothing was asked.
    pub async fn get(
        &self,
        http: &reqwest::Client,
        settings: &Settings,
        limit: Duration,
        deadline: Instant,
    ) -> Result<Bearer, ProviderError> {
        use std::sync::atomic::Ordering::SeqCst;
        let slot = self.slot(settings);
        let fetches_before = slot.fetches.load(SeqCst);
        let wait = deadline.saturating_duration_since(Instant::now());
        let too_late = |_| ProviderError::DidNotHappen(Failure::new(FailureKind::Timeout));
        let mut held = tokio::time::timeout(wait, slot.held.lock())
            .await
            .map_err(too_late)?;
        let number = slot.fetches.load(SeqCst);
        if let Some(token) = held
            .token
            .as_ref()
            .filter(|token| Instant::now() < token.use_before)
        {
            let is_new = number != fetches_before;
            return Ok(Bearer {
                secret: token.secret.clone(),
                number: token.number,
                is_new,
            });
        }
        if number != fetches_before
            && let Some(failure) = &held.failure
        {
            return Err(failure.clone());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let fetched = fetch(http, settings, limit.min(left)).await;
        let number = slot.fetches.fetch_add(1, SeqCst) + 1;
        held.token = None;
        match fetched {
            Ok(fetched) => {
                let secret = fetched.access_token.clone();
                held.failure = None;
                held.token = Some(Token {
                    secret: fetched.access_token,
                    number,
                    use_before: use_before(Instant::now(), Duration::from_secs(fetched.expires_in)),
                });
                Ok(Bearer {
                    secret,
                    number,
                    is_new: true,
                })
            }
            Err(error) => {
                // Who had no time left tells nothing to those who have.
                held.failure = (left >= limit).then(|| error.clone());
                Err(error)
            }
        }
    }

    /// Forgets a token that was refused, unless another has taken its place already.
    pub async fn forget(&self, settings: &Settings, refused: &Bearer) {
        let slot = self.slot(settings);
        let mut held = slot.held.lock().await;
        if held
            .token
            .as_ref()
            .is_some_and(|token| token.number == refused.number)
        {
            held.token = None;
        }
    }

    fn slot(&self, settings: &Settings) -> Arc<Slot> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(accounts.entry(account_key(settings)).or_default())
    }
}

fn account_key(settings: &Settings) -> AccountKey {
    let mut context = Context::new(&SHA256);
    for part in [
        settings.base_url.as_str(),
        &settings.client_id,
        &settings.merchant_serial_number,
        settings.client_secret.expose_secret(),
        settings.subscription_key.expose_secret(),
    ] {
        context.update(part.as_bytes());
        // No part has it, so that no two accounts have the same parts in a row.
        context.update(b"\n");
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

/// Until five minutes before its end, or half of a life that is shorter than ten.
fn use_before(now: Instant, life: Duration) -> Instant {
    let usable = life.saturating_sub(SPARE).max(life / 2);
    now.checked_add(usable).unwrap_or(now)
}

/// `POST /accesstoken/get`: the credentials are headers, the body is empty.
async fn fetch(
    http: &reqwest::Client,
    settings: &Settings,
    limit: Duration,
) -> Result<AccessToken, ProviderError> {
    let mut headers = HeaderMap::new();
    headers.insert("client_id", plain(&settings.client_id)?);
    headers.insert(
        "client_secret",
        sensitive(settings.client_secret.expose_secret())?,
    );
    let key = sensitive(settings.subscription_key.expose_secret())?;
    headers.insert("ocp-apim-subscription-key", key);
    let request = Request {
        method: Method::POST,
        url: link::own(settings, "/accesstoken/get"),
        headers,
        body: None,
        effect: Effect::None,
    };
    exchange(http, settings, request, limit).await?.json()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;
    use crate::map::samples::settings;

    #[test]
    fn a_token_is_replaced_five_minutes_before_its_end_or_at_half_of_a_short_life() {
        let now = Instant::now();
        for (life, usable) in [
            (86_400, 86_100),
            (3_600, 3_300),
            (600, 300),
            (60, 30),
            (0, 0),
        ] {
            let found = use_before(now, Duration::from_secs(life));
            assert_eq!(found - now, Duration::from_secs(usable), "{life}");
        }
        assert_eq!(use_before(now, Duration::from_secs(u64::MAX)), now);
    }

    /// A server that leaves its first call unanswered and gives a token to the second.
    fn slow_at_first() -> Settings {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let ignored = listener.accept().unwrap();
            let (mut second, _) = listener.accept().unwrap();
            let _ = second.read(&mut [0; 4_096]).unwrap();
            let body = r#"{"access_token":"token","expires_in":"3600"}"#;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            second
                .write_all(format!("{head}{body}").as_bytes())
                .unwrap();
            drop(ignored);
        });
        let mut settings = settings();
        settings.base_url = base.parse().unwrap();
        settings
    }

    #[tokio::test]
    async fn who_runs_out_of_time_takes_it_from_nobody_who_waits() {
        let (settings, tokens) = (slow_at_first(), Tokens::default());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (limit, now) = (Duration::from_secs(5), Instant::now());
        let hasty = tokens.get(&http, &settings, limit, now + Duration::from_millis(200));
        let patient = tokens.get(&http, &settings, limit, now + Duration::from_secs(10));
        let (hasty, patient) = tokio::join!(biased; hasty, patient);
        assert_eq!(hasty.err().unwrap().failure().kind, FailureKind::Timeout);
        assert_eq!(patient.unwrap().secret.expose_secret(), "token");
    }

    #[test]
    fn every_part_of_an_account_makes_it_another() {
        let changes: [fn(&mut Settings); 5] = [
            |it| it.base_url = "https://api.vipps.no".parse().unwrap(),
            |it| it.client_id.push('x'),
            |it| it.merchant_serial_number.push('1'),
            |it| it.client_secret = "another".into(),
            |it| it.subscription_key = "another".into(),
        ];
        for change in changes {
            let mut other = settings();
            change(&mut other);
            assert_ne!(account_key(&settings()), account_key(&other));
        }
        assert_eq!(account_key(&settings()), account_key(&settings()));
    }
}

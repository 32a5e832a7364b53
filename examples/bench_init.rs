//! The load of `scripts/bench`: so many shop pages at once, each starting one payment after the other with
//! `paymentInit`. It waits for every answer before it asks again, so it measures what the service can do, not how
//! long a queue gets. It prints one JSON object; nothing of the service may be imported here.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::Utc;
use clap::Parser;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;
use uuid::Uuid;

type Failure = Box<dyn Error + Send + Sync>;

/// Loads a running `mcpay demo --rate-limit off` with paymentInit.
#[derive(Parser, Clone)]
struct Options {
    /// The public URL of the service.
    #[arg(long)]
    base: Url,
    /// How many requests are under way at any time.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How long to ask, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Where `mcpay sandbox` listens; its card simulator is first told to answer at once and to leave payers alone.
    #[arg(long)]
    sandbox: Option<Url>,
    /// The client that signs.
    #[arg(long, default_value = "no.mediaconnect.test")]
    client_code: String,
    /// Its HS512 secret; the default is the public one of the demo.
    #[arg(
        long,
        default_value = "demo-only-secret-do-not-use-in-production-0123456789abcdefghijklmnop"
    )]
    secret: String,
}

/// The payload of the token, as a shop's backend signs it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Claims<'a> {
    client_code: &'a str,
    payment_method: &'a str,
    payment_flow: &'a str,
    recurring: bool,
    amount: u32,
    currency: &'a str,
    external_reference: String,
    return_url: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// What one page saw: the latency of each success in microseconds, and how often each failure came.
#[derive(Default)]
struct Seen {
    latencies_us: Vec<u128>,
    failures: BTreeMap<String, u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("The load could not be made: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<Value, Failure> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(options.connections)
        .timeout(Duration::from_secs(30))
        .build()?;
    if let Some(sandbox) = &options.sandbox {
        answer_at_once(&client, sandbox).await?;
    }
    let started = Instant::now();
    let until = started + Duration::from_secs(options.seconds);
    let mut pages = JoinSet::new();
    for _ in 0..options.connections {
        let (client, options) = (client.clone(), options.clone());
        pages.spawn(async move { start_payments(&client, &options, until).await });
    }
    let mut all = Seen::default();
    while let Some(page) = pages.join_next().await {
        let mut seen = page??;
        all.latencies_us.append(&mut seen.latencies_us);
        for (failure, times) in seen.failures {
            *all.failures.entry(failure).or_default() += times;
        }
    }
    Ok(figures(all, started.elapsed()))
}

/// Takes the simulator's own delays and its automatic payers out of the measurement.
async fn answer_at_once(client: &reqwest::Client, sandbox: &Url) -> Result<(), Failure> {
    let controls = json!({
        "latencyMs": 0, "latencyJitterMs": 0, "failRate": 0, "timeoutRate": 0, "callbackDelayMs": 0,
        "dropCallbacks": true, "duplicateCallbacks": false, "reorderCallbacks": false, "autoApprove": false,
    });
    let answer = client
        .put(sandbox.join("/sandbox/payex/_control")?)
        .json(&controls)
        .send()
        .await?;
    if !answer.status().is_success() {
        return Err(format!(
            "the simulator refused its controls with {}",
            answer.status()
        )
        .into());
    }
    Ok(())
}

async fn start_payments(
    client: &reqwest::Client,
    options: &Options,
    until: Instant,
) -> Result<Seen, Failure> {
    let endpoint = options.base.join("/capi/mcpay/paymentInit")?;
    let return_url = options.base.join("/demo")?;
    let key = EncodingKey::from_secret(options.secret.as_bytes());
    let mut seen = Seen::default();
    while Instant::now() < until {
        let sign = sign(options, return_url.as_str(), &key)?;
        let body = json!({ "clientCode": options.client_code, "sign": sign });
        let asked_at = Instant::now();
        match start_payment(client, &endpoint, &body).await {
            Ok(()) => seen.latencies_us.push(asked_at.elapsed().as_micros()),
            Err(failure) => *seen.failures.entry(failure.to_string()).or_default() += 1,
        }
    }
    Ok(seen)
}

fn sign(options: &Options, return_url: &str, key: &EncodingKey) -> Result<String, Failure> {
    let now = Utc::now().timestamp();
    let claims = Claims {
        client_code: &options.client_code,
        payment_method: "creditcardPayex",
        payment_flow: "redirect",
        recurring: false,
        amount: 349,
        currency: "NOK",
        external_reference: Uuid::new_v4().to_string(),
        return_url,
        iat: now,
        nbf: now,
        exp: now + 300,
    };
    Ok(encode(&Header::new(Algorithm::HS512), &claims, key)?)
}

/// A success is a 200 that says where to send the payer; anything else is told by status and code.
async fn start_payment(
    client: &reqwest::Client,
    endpoint: &Url,
    body: &Value,
) -> Result<(), Failure> {
    let answer = client.post(endpoint.clone()).json(body).send().await?;
    let status = answer.status();
    let body: Value = answer.json().await?;
    if status == 200 && body["redirectUrl"].is_string() && body["mcPayRef"].is_string() {
        return Ok(());
    }
    Err(format!(
        "{status} {}",
        body["code"].as_str().unwrap_or("without a code")
    )
    .into())
}

fn figures(mut seen: Seen, elapsed: Duration) -> Value {
    seen.latencies_us.sort_unstable();
    let successes = seen.latencies_us.len();
    let at = |percent: usize| {
        seen.latencies_us
            .get((successes * percent / 100).min(successes.saturating_sub(1)))
    };
    json!({
        "inits": successes,
        "failed": seen.failures.values().sum::<u64>(),
        "failures": seen.failures,
        "elapsedUs": u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        "p50Us": at(50),
        "p99Us": at(99),
        "maxUs": seen.latencies_us.last(),
    })
}

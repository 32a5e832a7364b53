//! What no log, event or error body may hold, looked for in all of them after ordinary flows.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcpay::cli::DEMO_SIGNING_SECRET;
use secrecy::ExposeSecret as _;
use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::client_file::ClientFile;
use crate::support::witness::wait_for;
use crate::support::world::{StartedPayment, World};
use crate::vipps::stage::Webhook;

const PHONE: &str = "41234567";
/// The finest level of our own crates and of the request spans, and what a careless operator might
/// add of the rest.
const FILTER: &str = "info,mcpay=trace,mcpay_port=trace,mcpay_payex=trace,mcpay_vipps=trace,\
                      tracing_actix_web=trace,\
                      actix_web=debug,actix_cors=trace";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What must not be found, with a name for the message, and what was said to the outside.
#[derive(Default)]
struct Found {
    secrets: Vec<(&'static str, String)>,
    told: Vec<(&'static str, String)>,
}

impl Found {
    fn forbid(&mut self, name: &'static str, value: impl Into<String>) {
        let value = value.into();
        assert!(value.len() >= 8, "{name} is too short to be looked for");
        self.secrets.push((name, value));
    }

    fn check(&self, place: &str, text: &str) {
        for (name, secret) in &self.secrets {
            // Only where it was found is shown; the secret is in there often enough.
            let line = text.lines().find(|line| line.contains(secret.as_str()));
            assert!(
                line.is_none(),
                "{place} holds {name}: {}",
                line.unwrap_or_default()
            );
        }
    }
}

async fn forbid_keys_of(world: &World, payment: &StartedPayment, found: &mut Found) {
    found.forbid("a callback key", world.callback_key(payment).await);
    found.forbid("a return key", world.stored(payment).await.return_key.0);
}

/// A payment that is paid, with the payer's phone number in the token.
async fn succeeds(world: &World, found: &mut Found) {
    let claims = world.claims(json!({ "phoneNumber": format!("+47{PHONE}") }));
    found.forbid("a token", world.sign(&claims));
    let answer = world.payment_init(&claims).await.expect(200).json();
    let reference = answer["mcPayRef"].as_str().unwrap().to_owned();
    let payment = StartedPayment { reference, answer };
    forbid_keys_of(world, &payment, found).await;
    let key = world.stored(&payment).await.return_key.0;
    world
        .comes_back(&payment, &format!("k={key}"))
        .await
        .expect(200);
    world.payer_approves(&payment).await;
    world
        .becomes(&payment, "success", Duration::from_secs(10))
        .await;
    world
        .comes_back(&payment, &format!("k={key}"))
        .await
        .expect(303);
    let again = world.payment_init(&claims).await;
    found
        .told
        .push(("the refusal of a used reference", again.expect(409).text));
    let path = world.callback_path(&payment).await;
    let body = world.callback_body(&payment).await;
    world.post(&path, &body).await.expect(200);
    found.told.push((
        "the answer to a callback that is too large",
        world.post_bytes(&path, "x".repeat(70_000)).await.text,
    ));
    let wrong = format!("{path}-wrong");
    found.told.push((
        "a forged callback's answer",
        world.post(&wrong, &body).await.text,
    ));
    let events = world.event_bodies_of(&payment).await;
    assert!(!events.is_empty());
    found.told.push(("an event", format!("{events:?}")));
}

/// An agreement, whose provider token is one more secret.
async fn agrees(world: &World, found: &mut Found) {
    let payment = world
        .starts(json!({
            "recurring": true, "productSpecCode": "TOTT", "productSpecNo": 1, "amount": null,
            "phoneNumber": PHONE, "paymentFlow": "seamless", "returnUrl": null,
        }))
        .await;
    forbid_keys_of(world, &payment, found).await;
    world.payer_approves(&payment).await;
    world
        .becomes(&payment, "success", Duration::from_secs(10))
        .await;
    let events = world.event_bodies_of(&payment).await;
    found
        .told
        .push(("an agreement's event", format!("{events:?}")));
}

/// A payer who permits Vipps to tell who they are, and webhooks whose secret is one more.
async fn tells_who_they_are(world: &World, found: &mut Found) {
    let registration = world.is_registered().await;
    let secret = &registration.registered.as_ref().unwrap().secret;
    found.forbid("a webhook's secret", secret.expose_secret());
    let payment = world
        .starts(json!({
            "paymentMethod": "vippsEcommerce", "phoneNumber": PHONE,
            "paymentScope": "name email phoneNumber address birthDate",
        }))
        .await;
    let key = world.stored(&payment).await.return_key.0;
    found.forbid("a return key", key.as_str());
    world.payer_approves(&payment).await;
    let back = world
        .comes_back(&payment, &format!("k={key}"))
        .await
        .expect(303)
        .location();
    let (_, sub) = back
        .query_pairs()
        .find(|(name, _)| name == "sub")
        .expect("the payer's name");
    found.forbid("the payer's name at the provider", sub);
    let backend = world.backend().await;
    let path = format!("/capi/v1/client/payment/{}", payment.reference);
    wait_for(
        "the profile is there",
        Duration::from_secs(20),
        async || {
            let read = backend.get(&path).await.expect(200).json();
            read["profile"]["name"].is_string().then_some(())
        },
    )
    .await;
    for secret in ["Lovelace", "user@example.com", "Suburbia 23", "1815-12-10"] {
        found.forbid("the payer's profile", secret);
    }
    let list = backend.get("/capi/v1/client/payment").await.expect(200);
    found.told.push(("a list of payments", list.text));
    let forged = Webhook {
        authorization: "forged".to_owned(),
        ..Webhook::about(&payment, &registration)
    };
    found.told.push((
        "the answer to a forged webhook",
        world.sends_webhook(&forged).await.expect(404).text,
    ));
    let events = world.event_bodies_of(&payment).await;
    found
        .told
        .push(("an event of a known payer", format!("{events:?}")));
}

/// Everything that goes wrong.
async fn fails(world: &World, found: &mut Found) {
    let phone = format!("+47{PHONE}");
    let refused = world.claims(json!({ "currency": "ISK", "phoneNumber": phone }));
    found.forbid("a refused token", world.sign(&refused));
    found.told.push((
        "a provider's refusal",
        world.payment_init(&refused).await.expect(502).text,
    ));
    let broken = world.claims(json!({ "amount": phone, "phoneNumber": format!("{phone}{phone}") }));
    found.forbid("a broken token", world.sign(&broken));
    found.told.push((
        "a list of broken fields",
        world.payment_init(&broken).await.expect(400).text,
    ));
    let mut forged = world.init_body(&world.claims(json!({ "phoneNumber": phone })));
    let sign = format!("{}x", forged["sign"].as_str().unwrap());
    found.forbid("a forged token", sign.clone());
    forged["sign"] = json!(sign);
    let answer = world
        .post("/capi/mcpay/paymentInit", &forged)
        .await
        .expect(401);
    found
        .told
        .push(("the answer to a forged token", answer.text));
    let cancelled = world.starts(json!({ "phoneNumber": phone })).await;
    forbid_keys_of(world, &cancelled, found).await;
    world.comes_back(&cancelled, "via=cancel").await.expect(303);
    world.provider_behaves(json!({ "failRate": 1 })).await;
    let unknown = world.claims(json!({ "phoneNumber": phone }));
    found.told.push((
        "an unknown outcome",
        world.payment_init(&unknown).await.expect(504).text,
    ));
    world.provider_behaves(json!({ "failRate": 0 })).await;
    let away = ClientFile {
        payex_url: Some("http://127.0.0.1:9".to_owned()),
        ..world.client_file()
    };
    world.applies_at_once(&away).await;
    let claims = world.claims(json!({ "phoneNumber": phone }));
    found.told.push((
        "a provider that is away",
        world.payment_init(&claims).await.expect(503).text,
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn neither_logs_nor_events_nor_errors_hold_a_secret_or_a_phone_number() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(FILTER))
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("nobody else listens to the log");
    let world = World::on_sqlite().await;
    let mut found = Found::default();
    found.forbid("the signing secret", DEMO_SIGNING_SECRET);
    found.forbid("the provider's access token", "demo-only-payex-token");
    found.forbid("the phone number", PHONE);

    succeeds(&world, &mut found).await;
    agrees(&world, &mut found).await;
    tells_who_they_are(&world, &mut found).await;
    fails(&world, &mut found).await;
    world.ends().await;

    let text = log.text();
    assert!(text.contains("paymentInit"), "the log was heard: {text}");
    assert!(text.contains("a token was refused"), "refusals are logged");
    found.check("the log", &text);
    for (place, told) in &found.told {
        assert!(!told.is_empty(), "{place} is empty");
        found.check(place, told);
    }
}

//! `mcpay doctor`: what it says about a set-up that is well, one that lacks something, and one that is
//! wrong (CONTRACT 7).

use std::net::TcpListener;
use std::time::Duration;

use mcpay::wiring::http_client;
use tempfile::TempDir;
use url::Url;

use crate::support::database::Database;
use crate::support::program::{Program, Running, Said, run};
use crate::support::witness::wait_for;

const MASTER_KEY: &str = "6f6e6c792d666f722d7468652d746573742d6f662d636f6d6d616e64732d2d2d";

/// A set-up of three accounts at simulators of another process.
struct Clinic {
    folder: TempDir,
    database: Database,
    base: Url,
    _simulators: Running,
}

impl Clinic {
    async fn with(database: Database) -> Self {
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        };
        let address = format!("127.0.0.1:{port}");
        let simulators = Program::start(&["sandbox", "--listen", &address], &[]);
        let base = Url::parse(&format!("http://localhost:{port}")).unwrap();
        let http = http_client().expect("a client");
        wait_for(
            "the simulators answer",
            Duration::from_secs(20),
            async || {
                let control = base.join("/sandbox/vipps/_control").unwrap();
                http.get(control).send().await.ok()
            },
        )
        .await;
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            database,
            base,
            _simulators: simulators,
        }
    }

    async fn applies(&self, payex_token: &str) {
        let base = self.base.as_str().trim_end_matches('/');
        let text = format!(
            r#"
[[client]]
client_code = "no.example.shop"
name = "Shop"
company_code = "SHOP"
merchant_group = "shop"
country = "NO"
default_currency = "NOK"
allowed_origins = ["https://shop.example.no"]
agreement_url = "https://shop.example.no/subscription"
terms_url = "https://shop.example.no/terms"

[[client.signing_key]]
kid = "2026-11"
algorithm = "HS512"
secret = "a-signing-secret-of-this-test-0123456789-abcdefghijklmnopqrstuvwx"

[client.payex]
base_url = "{base}/sandbox/payex"
payee_id = "demo-payee"
access_token = "{payex_token}"

[client.vipps]
base_url = "{base}/sandbox/vipps"
client_id = "demo-client-id"
client_secret = "demo-only-vipps-secret"
subscription_key = "demo-only-vipps-subscription-key"
merchant_serial_number = "123456"

[client.nexi]
base_url = "{base}/sandbox/nexi"
checkout_script = "{base}/sandbox/nexi/v1/checkout.js?v=1"
secret_key = "demo-only-nexi-secret-key"
checkout_key = "demo-only-nexi-checkout-key"
"#
        );
        let file = self.folder.path().join("clients.toml");
        std::fs::write(&file, text).expect("the file can be written");
        let said = self.runs(&["apply", file.to_str().unwrap()]).await;
        assert_eq!(said.code, Some(0), "{said:?}");
    }

    async fn runs(&self, arguments: &[&str]) -> Said {
        let variables = [
            ("DATABASE_URL", self.database.url()),
            ("MCPAY_MASTER_KEY", MASTER_KEY),
        ];
        let said = run(arguments, &variables).await;
        for secret in [MASTER_KEY, "demo-only-", "hunter2"] {
            let all = format!("{}{}", said.out, said.err);
            assert!(!all.contains(secret), "a secret was told: {all}");
        }
        said
    }

    async fn is_examined(&self, more: &[&str]) -> Said {
        let mut arguments = vec!["doctor", "--public-url", self.base.as_str()];
        arguments.extend(more);
        self.runs(&arguments).await
    }
}

/// The lines that say that something is wrong.
fn complaints(said: &Said) -> Vec<&str> {
    let lines = said.out.lines();
    lines.filter(|line| line.starts_with("wrong")).collect()
}

mod what_is_missing_is_told_and_repaired_when_asked {
    use super::*;

    async fn told(database: Database) {
        let clinic = Clinic::with(database).await;
        clinic.applies("demo-only-payex-token").await;

        let said = clinic.is_examined(&[]).await;
        assert_eq!(said.code, Some(1), "{said:?}");
        let wrong = complaints(&said);
        assert_eq!(wrong.len(), 1, "{said:?}");
        assert!(
            wrong[0].contains("no.example.shop vipps: webhooks are not registered"),
            "{wrong:?}"
        );
        assert!(wrong[0].contains("mcpay doctor --repair"), "{wrong:?}");
        for well in [
            "ok     database: it answers",
            "ok     no.example.shop payex: the provider takes the keys",
            "ok     no.example.shop vipps: the provider takes the keys",
            "ok     no.example.shop nexi: the provider takes the keys",
        ] {
            assert!(said.out.contains(well), "{well}: {said:?}");
        }

        let repaired = clinic.is_examined(&["--repair"]).await;
        assert_eq!(repaired.code, Some(0), "{repaired:?}");
        let again = clinic.is_examined(&[]).await;
        assert_eq!(again.code, Some(0), "{again:?}");
        assert!(
            again.out.contains("vipps: webhooks are registered"),
            "{again:?}"
        );
        clinic.database.remove().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_sqlite() {
        told(Database::sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn on_postgresql() {
        told(Database::postgres().await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_that_are_not_taken_are_named_by_their_account() {
    let clinic = Clinic::with(Database::sqlite()).await;
    clinic.applies("another-token-hunter2").await;
    let said = clinic.is_examined(&["--repair"]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    let wrong = complaints(&said);
    assert_eq!(wrong.len(), 1, "{said:?}");
    assert!(
        wrong[0].contains("no.example.shop payex: the keys are not taken"),
        "{wrong:?}"
    );
    assert!(wrong[0].contains("mcpay apply"), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_without_tables_and_a_broker_that_is_away_are_told_with_the_way_out() {
    let clinic = Clinic::with(Database::sqlite()).await;
    let away = "amqp://guest:hunter2@127.0.0.1:1";
    let said = clinic.is_examined(&["--amqp-url", away]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    let wrong = complaints(&said);
    assert_eq!(wrong.len(), 2, "{said:?}");
    assert!(wrong[0].contains("run mcpay migrate"), "{wrong:?}");
    assert!(
        wrong[1].contains("broker") && wrong[1].contains("AMQP_URL"),
        "{wrong:?}"
    );
}

//! The commands of the built binary: what they do, what they say when something is wrong, and how
//! they end (CONTRACT 7).

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mcpay::cli::DEMO_SIGNING_SECRET;
use mcpay::clients::StoredClient;
use mcpay::clients::ports::ClientStore as _;
use mcpay::store::{Store, StoreOptions};
use mcpay::wiring::{http_client, master_key};
use tempfile::TempDir;

use crate::support::database::Database;
use crate::support::program::{Program, Said, run};
use crate::support::witness::wait_for;

const MASTER_KEY: &str = "6f6e6c792d666f722d7468652d746573742d6f662d636f6d6d616e64732d2d2d";
const SIGNING_SECRET: &str = "a-signing-secret-of-this-test-0123456789-abcdefghijklmnopqrstuvwx";
const OAUTH_SECRET: &str = "an-oauth-secret-of-this-test-0123456789";
const PAYEX_TOKEN: &str = "a-payex-token-of-this-test";

const GOOD_FILE: &str = r#"
[[client]]
client_code = "no.example.shop"
name = "Shop"
company_code = "SHOP"
merchant_group = "shop"
country = "NO"
default_currency = "NOK"
allowed_origins = ["https://shop.example.no"]

[[client.signing_key]]
kid = "2026-11"
algorithm = "HS512"
secret = { env = "SHOP_SIGNING_SECRET" }

[client.oauth]
secret = { env = "SHOP_OAUTH_SECRET" }

[client.payex]
base_url = "https://api.externalintegration.payex.com"
payee_id = "shop"
access_token = { env = "SHOP_PAYEX_TOKEN" }

[[client.coupon]]
code = "MONTH"
number = 1
product = "NEWS"
description = "Monthly"
price = "199.00"
vat_percent = "25"
currency = "NOK"
period_length = 1
period_type = "months"
"#;

/// A sentence for a person: no stack trace, no debug output, no secret.
#[track_caller]
fn assert_is_for_people(said: &Said) {
    let all = format!("{}{}", said.out, said.err);
    for ugly in [
        "panicked",
        "stack backtrace",
        "RUST_BACKTRACE",
        "Error {",
        "Err(",
    ] {
        assert!(!all.contains(ugly), "{ugly}: {all}");
    }
    for secret in [
        MASTER_KEY,
        SIGNING_SECRET,
        OAUTH_SECRET,
        PAYEX_TOKEN,
        "hunter2",
    ] {
        assert!(!all.contains(secret), "a secret was told: {all}");
    }
}

/// A folder with a file to apply, and the database it goes to.
struct Desk {
    _folder: TempDir,
    file: PathBuf,
    database: Database,
}

impl Desk {
    fn with(text: &str, database: Database) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("clients.toml");
        std::fs::write(&file, text).expect("the file can be written");
        Self {
            _folder: folder,
            file,
            database,
        }
    }

    fn variables(&self) -> Vec<(&str, &str)> {
        vec![
            ("DATABASE_URL", self.database.url()),
            ("MCPAY_MASTER_KEY", MASTER_KEY),
            ("SHOP_SIGNING_SECRET", SIGNING_SECRET),
            ("SHOP_OAUTH_SECRET", OAUTH_SECRET),
            ("SHOP_PAYEX_TOKEN", PAYEX_TOKEN),
        ]
    }

    async fn runs(&self, arguments: &[&str]) -> Said {
        let said = run(arguments, &self.variables()).await;
        assert_is_for_people(&said);
        said
    }

    async fn applies(&self) -> Said {
        self.runs(&["apply", self.file.to_str().unwrap()]).await
    }

    async fn clients(&self) -> Vec<StoredClient> {
        Store::migrate(self.database.url()).await.unwrap();
        let options = StoreOptions {
            master_key: master_key(&MASTER_KEY.to_owned().into()).unwrap(),
            pool_size: 1,
        };
        let store = Store::open(self.database.url(), options).unwrap();
        store.load_clients().await.unwrap()
    }
}

mod migrate_and_apply_set_a_database_up_and_may_be_repeated {
    use super::*;

    async fn told(database: Database) {
        let desk = Desk::with(GOOD_FILE, database);
        for _ in 0..2 {
            let said = desk.runs(&["migrate"]).await;
            assert_eq!(said.code, Some(0), "{said:?}");
            let said = desk.applies().await;
            assert_eq!(said.code, Some(0), "{said:?}");
            let summary = "no.example.shop: 1 signing keys, 1 OAuth secrets, 1 accounts, 1 coupons";
            assert!(said.out.contains(summary), "{said:?}");
        }

        let clients = desk.clients().await;

        assert_eq!(clients.len(), 1);
        assert_eq!(clients[0].client.code.as_str(), "no.example.shop");
        assert_eq!(clients[0].signing_keys.len(), 1);
        desk.database.remove().await;
    }

    #[tokio::test]
    async fn on_sqlite() {
        told(Database::sqlite()).await;
    }

    #[tokio::test]
    async fn on_postgresql() {
        told(Database::postgres().await).await;
    }
}

#[tokio::test]
async fn a_file_with_many_problems_is_told_all_of_them_and_nothing_is_written() {
    let broken = r#"
[[client]]
client_code = "no.example.other"
company_code = "OTHER"
merchant_group = "other"
country = "Norway"
default_currency = "KRONER"
allowed_origins = ["shop.example.no/path"]
capture = "sometimes"
colour = "red"

[[client.signing_key]]
kid = "1"
algorithm = "HS512"
secret = { env = "NOT_SET" }
"#;
    let desk = Desk::with(&format!("{GOOD_FILE}{broken}"), Database::sqlite());

    let said = desk.applies().await;

    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("nothing was written"), "{said:?}");
    for problem in [
        "name",
        "country",
        "default_currency",
        "allowed_origins",
        "capture",
        "colour",
        "NOT_SET",
    ] {
        assert!(
            said.err.contains(problem),
            "{problem} is not told: {said:?}"
        );
    }
    assert_eq!(desk.clients().await.len(), 0, "the good client neither");
}

#[tokio::test]
async fn a_file_that_is_missing_or_is_no_toml_is_told_in_a_sentence() {
    let desk = Desk::with("[[client]\n", Database::sqlite());
    let said = desk.applies().await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("clients.toml"), "{said:?}");

    let said = desk.runs(&["apply", "/nowhere/clients.toml"]).await;

    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err.contains("/nowhere/clients.toml cannot be read"),
        "{said:?}"
    );
}

#[tokio::test]
async fn apply_refuses_the_secret_of_the_demo() {
    let literal = format!("\"{DEMO_SIGNING_SECRET}\"");
    let file = GOOD_FILE.replace("{ env = \"SHOP_SIGNING_SECRET\" }", &literal);
    let desk = Desk::with(&file, Database::sqlite());

    let said = desk.applies().await;

    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("everybody knows"), "{said:?}");
    assert!(!said.err.contains(DEMO_SIGNING_SECRET), "{said:?}");
    assert!(desk.clients().await.is_empty());
}

#[tokio::test]
async fn serve_refuses_a_database_with_the_secret_of_the_demo() {
    let desk = Desk::with("", Database::sqlite());
    let arguments = ["demo", "--listen", "127.0.0.1:0", "--log", "error"];
    let mut demo = Program::start(&arguments, &desk.variables());
    demo.reads_address("Demo shop").await;
    demo.is_told_to_stop();
    let (status, _, log) = demo.ends(Duration::from_secs(25)).await;
    assert_eq!(status.code(), Some(0), "{log}");

    let said = desk.runs(&["serve", "--listen", "127.0.0.1:0"]).await;

    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("demo's signing secret"), "{said:?}");
    assert!(
        said.err.contains("mcpay apply"),
        "it says what to do: {said:?}"
    );
}

#[tokio::test]
async fn settings_that_are_missing_or_wrong_are_named_and_end_with_code_2() {
    let said = run(&["serve"], &[]).await;
    assert_is_for_people(&said);
    assert_eq!(said.code, Some(2), "{said:?}");
    for setting in ["--database-url", "--master-key"] {
        assert!(said.err.contains(setting), "{setting}: {said:?}");
    }

    for (variable, value, option) in [
        ("MCPAY_LISTEN", "everywhere", "--listen"),
        ("MCPAY_RATE_LIMIT", "perhaps", "--rate-limit"),
        ("MCPAY_DATABASE_POOL", "0", "--database-pool"),
        ("MCPAY_TRUSTED_PROXIES", "proxy", "--trusted-proxies"),
        ("MCPAY_PUBLIC_URL", "pay.example.no", "--public-url"),
    ] {
        let variables = [
            ("DATABASE_URL", "sqlite://unused"),
            ("MCPAY_MASTER_KEY", MASTER_KEY),
            (variable, value),
        ];
        let said = run(&["serve"], &variables).await;
        assert_is_for_people(&said);
        assert_eq!(said.code, Some(2), "{variable}: {said:?}");
        assert!(said.err.contains(option), "{variable}: {said:?}");
    }

    let said = run(&["sell"], &[]).await;
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("--help"), "{said:?}");
}

#[tokio::test]
async fn a_broken_secret_is_named_and_not_repeated() {
    let sqlite = Database::sqlite();
    for (variable, value, named) in [
        ("MCPAY_MASTER_KEY", "hunter2", "MCPAY_MASTER_KEY"),
        ("AMQP_URL", "http://user:hunter2@broker", "AMQP_URL"),
        ("DATABASE_URL", "mysql://user:hunter2@db/x", "database"),
        (
            "DATABASE_URL",
            "postgres://user:hunter2@127.0.0.1:1/x",
            "database",
        ),
    ] {
        let mut variables = vec![
            ("DATABASE_URL", sqlite.url()),
            ("MCPAY_MASTER_KEY", MASTER_KEY),
            ("MCPAY_LISTEN", "127.0.0.1:0"),
        ];
        variables.retain(|(name, _)| *name != variable);
        variables.push((variable, value));

        let said = run(&["serve"], &variables).await;

        assert_is_for_people(&said);
        assert_eq!(said.code, Some(1), "{value}: {said:?}");
        assert!(said.err.contains("mcpay: "), "{value}: {said:?}");
        assert!(said.err.contains(named), "{value}: {said:?}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_told_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let desk = Desk::with(GOOD_FILE, Database::sqlite());
    for command in ["serve", "demo", "sandbox"] {
        let said = desk.runs(&[command, "--listen", &address]).await;
        assert_eq!(said.code, Some(1), "{command}: {said:?}");
        assert!(said.err.contains(&address), "{command}: {said:?}");
        assert!(said.err.contains("--listen"), "{command}: {said:?}");
    }
}

#[tokio::test]
async fn every_command_s_help_shows_an_example_and_no_secret_of_the_environment() {
    let desk = Desk::with("", Database::sqlite());
    let said = desk.runs(&["--help"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    for command in ["demo", "serve", "sandbox", "migrate", "apply", "doctor"] {
        assert!(said.out.contains(command), "{said:?}");
        let said = desk.runs(&[command, "--help"]).await;
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains("Example: "), "{said:?}");
        assert!(!said.out.contains(desk.database.url()), "{said:?}");
    }
}

#[tokio::test]
async fn the_service_is_ready_within_a_second_of_its_start() {
    let desk = Desk::with(GOOD_FILE, Database::sqlite());
    assert_eq!(desk.applies().await.code, Some(0));
    let http = http_client().expect("a client");
    let mut fastest = Duration::MAX;
    // The best of a few, because the machine may be busy with other tests.
    for _ in 0..5 {
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        };
        let address = format!("127.0.0.1:{port}");
        let began = Instant::now();
        let arguments = ["serve", "--listen", &address];
        let mut service = Program::start(&arguments, &desk.variables());
        wait_for("it is ready", Duration::from_secs(20), async || {
            let ready = http.get(format!("http://{address}/health/ready")).send();
            let answer = ready.await.ok()?;
            (answer.status() == 200).then_some(())
        })
        .await;
        fastest = fastest.min(began.elapsed());
        service.is_told_to_stop();
        let (status, _, log) = service.ends(Duration::from_secs(25)).await;
        assert_eq!(status.code(), Some(0), "{log}");
    }
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
}

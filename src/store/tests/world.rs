//! A database of its own for one test, and things to put into it.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use mcpay_port::{
    AccountId, AccountSettings, AgreementId, Currency, Flow, Money, Operation, OperationId,
    PaymentMethod, PaymentRef, ProviderId,
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::catalogue::CouponRef;
use crate::clients::ports::{ClientChange, ClientStore as _, NewAccount};
use crate::clients::{AccountConfig, CapturePolicy, Client, ClientCode, RateLimit};
use crate::events::EventType;
use crate::payments::agreement::NewAgreement;
use crate::payments::operation::{NewOperation, OperationKind};
use crate::payments::payment::{
    Amounts, Payment, PaymentAgreement, Reserved, ReturnKey, SettlementTerms, Status,
};
use crate::payments::ports::{Begun, IdempotencyClaim, Intent, PaymentStore as _};
use crate::store::{MasterKey, Store, StoreOptions};

#[derive(Clone)]
pub struct World {
    pub url: String,
    pub store: Store,
}

impl World {
    pub fn on_sqlite<T: Future<Output = ()> + Send + 'static>(test: fn(World) -> T) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.sqlite");
        let url = format!("sqlite://{}?synchronous=normal", path.display());
        runtime().block_on(async {
            let outcome = tokio::spawn(Self::run(url, test)).await;
            outcome.unwrap();
        });
    }

    pub fn on_postgres<T: Future<Output = ()> + Send + 'static>(test: fn(World) -> T) {
        runtime().block_on(async {
            let name = format!("mcpay_test_{}", Uuid::new_v4().simple());
            let mut server = server_url();
            let admin = server.to_string();
            administer(&admin, &format!("CREATE DATABASE {name}")).await;
            server.set_path(&name);
            let outcome = tokio::spawn(Self::run(server.to_string(), test)).await;
            administer(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            outcome.unwrap();
        });
    }

    async fn run<T: Future<Output = ()>>(url: String, test: fn(World) -> T) {
        Store::migrate(&url).await.unwrap();
        let store = open(&url, 1);
        test(World { url, store }).await;
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Saves a client with one account, which payments begin with.
    pub async fn client(&self, code: &str) -> Shop {
        let account = AccountId(Uuid::new_v4());
        let mut change = client_change(code);
        change.accounts = vec![new_account(account, &json!({"token": "one"}))];
        self.store.save_client(&change).await.unwrap();
        Shop {
            code: ClientCode(code.to_owned()),
            account,
        }
    }

    /// A payment that has begun.
    pub async fn begun(&self, shop: &Shop, external_reference: &str) -> Payment {
        let intent = shop.intent(external_reference);
        assert_eq!(self.store.begin(&intent).await, Ok(Begun::Begun));
        intent.payment
    }

    /// Runs SQL as an administrator of the database would, past the store.
    pub async fn sql(&self, statement: &str) {
        match self.try_sql(statement).await {
            Ok(()) => {}
            Err(error) => panic!("{statement}: {error}"),
        }
    }

    async fn try_sql(&self, statement: &str) -> Result<(), diesel::result::Error> {
        if self.is_postgres() {
            let mut conn = AsyncPgConnection::establish(&self.url).await.unwrap();
            conn.batch_execute(statement).await
        } else {
            let location = crate::store::lite::Location::parse(&self.url).unwrap();
            let mut conn = location.connect().unwrap();
            diesel::connection::SimpleConnection::batch_execute(&mut conn, statement)
        }
    }
}

pub fn open(url: &str, key: u8) -> Store {
    let options = StoreOptions {
        master_key: MasterKey::from_bytes(&[key; 32]).unwrap(),
        pool_size: 8,
    };
    Store::open(url, options).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn server_url() -> Url {
    let url = std::env::var("TEST_DATABASE_URL")
        .or_else(|_| std::env::var("DATABASE_URL"))
        .ok()
        .filter(|url| url.starts_with("postgres"))
        .unwrap_or_else(|| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    url.parse().unwrap()
}

async fn administer(url: &str, statement: &str) {
    let mut conn = AsyncPgConnection::establish(url)
        .await
        .unwrap_or_else(|error| {
            panic!(
                "these tests need a PostgreSQL server where databases may be created; start one or \
             name it in TEST_DATABASE_URL: {error}"
            )
        });
    conn.batch_execute(statement).await.unwrap();
}

/// A client and the account that its payments begin with.
#[derive(Clone)]
pub struct Shop {
    pub code: ClientCode,
    pub account: AccountId,
}

impl Shop {
    pub fn payment(&self, external_reference: &str) -> Payment {
        let now = now();
        let reference = PaymentRef(Uuid::new_v4());
        Payment {
            reference,
            client: self.code.clone(),
            account: self.account,
            method: PaymentMethod::CreditcardPayex,
            flow: Flow::Seamless,
            external_reference: external_reference.to_owned(),
            amount: nok(34_900),
            vat: nok(6_980),
            description: "One month of news".to_owned(),
            coupon: None,
            agreement: None,
            charge_of: None,
            due_at: None,
            profile: None,
            terms: SettlementTerms {
                capture: CapturePolicy::Manual,
                claim_within: TimeDelta::hours(24),
            },
            reserved: Reserved::none(Currency::NOK),
            capture_refusals: 0,
            claimed: false,
            release_at: None,
            status: Status::Initiated,
            reason: None,
            amounts: Amounts::none(Currency::NOK),
            provider_ref: None,
            next_step: None,
            page_url: format!("https://shop.example/?mcPayRef={reference}"),
            return_url: None,
            return_key: ReturnKey(Uuid::new_v4().simple().to_string()),
            closing: None,
            version: 0,
            event_sequence: 0,
            created_at: now,
            pay_before: now + TimeDelta::hours(1),
            authorized_at: None,
            ended_at: None,
            inquire_at: None,
            inquiries: 0,
        }
    }

    pub fn intent(&self, external_reference: &str) -> Intent {
        Self::intent_of(self.payment(external_reference))
    }

    pub fn intent_of(mut payment: Payment) -> Intent {
        let kind = EventType::PaymentInitiated;
        let event = payment.tell(kind, Uuid::new_v4(), now());
        Intent {
            claim: None,
            operation: operation(&payment, OperationKind::Initiate),
            payment,
            agreement: None,
            events: vec![event],
        }
    }

    /// An intent that also opens an agreement.
    pub fn intent_with_agreement(&self, external_reference: &str) -> Intent {
        let mut payment = self.payment(external_reference);
        let id = AgreementId(Uuid::new_v4());
        let coupon = CouponRef {
            code: "TOTT".to_owned(),
            number: 1,
        };
        payment.agreement = Some(PaymentAgreement { id, active: false });
        payment.coupon = Some(coupon.clone());
        let agreement = NewAgreement {
            id,
            client: self.code.clone(),
            account: self.account,
            first_payment: payment.reference,
            amount: nok(34_900),
            coupon,
            payer_reference: Uuid::new_v4().simple().to_string(),
            created_at: now(),
        };
        Intent {
            agreement: Some(agreement),
            ..Self::intent_of(payment)
        }
    }

    pub fn claim(&self, key: &str, body: u8) -> IdempotencyClaim {
        IdempotencyClaim {
            client: self.code.clone(),
            route: "paymentInit",
            key: key.to_owned(),
            body_hash: [body; 32],
            claimed_at: now(),
        }
    }
}

pub fn operation(payment: &Payment, kind: OperationKind) -> NewOperation {
    let random = Uuid::new_v4().as_u128() % 900_000_000_000;
    NewOperation {
        operation: Operation {
            id: OperationId(Uuid::new_v4()),
            number: 100_000_000_000 + u64::try_from(random).unwrap(),
        },
        payment: payment.reference,
        kind,
        amount: Some(payment.amount),
        vat: None,
        order: None,
        requested_at: now(),
        due_at: None,
    }
}

/// A client of the `apply` file that has nothing yet.
pub fn client_change(code: &str) -> ClientChange {
    ClientChange {
        client: Client {
            code: ClientCode(code.to_owned()),
            name: "Demo newspaper".to_owned(),
            company_code: "DEMO".to_owned(),
            merchant_group: "demo".to_owned(),
            country: "NO".to_owned(),
            default_currency: Currency::NOK,
            allowed_origins: vec!["https://shop.example".to_owned()],
            capture: CapturePolicy::OnOrder,
            rate_limit: RateLimit {
                per_second: NonZeroU32::new(100).unwrap(),
                per_minute: NonZeroU32::new(2_000).unwrap(),
            },
            claim_within: Duration::from_secs(86_400),
            pay_within: Duration::from_secs(3_600),
            language: "nb-NO".to_owned(),
            agreement_url: None,
            terms_url: Some("https://shop.example/terms".to_owned()),
        },
        signing_keys: Vec::new(),
        oauth_secrets: Vec::new(),
        accounts: Vec::new(),
        coupons: Vec::new(),
        applied_at: now(),
    }
}

pub fn new_account(id: AccountId, settings: &serde_json::Value) -> NewAccount {
    NewAccount {
        config: AccountConfig {
            provider: ProviderId::Payex,
            settings: AccountSettings::from_json(settings.to_string()),
        },
        id,
        callback_secret: id.0.as_bytes().repeat(2).into(),
    }
}

pub fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

/// As the service's clock gives it: microseconds.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

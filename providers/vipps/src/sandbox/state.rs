//! Everything that the sandbox remembers, and for how long.
//!
//! Locks: the books are held only to look something up; the work on a payment or an agreement holds
//! its own lock. While one is locked the books may be taken, never the other way round. No lock is
//! held across an await.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_sandbox::Stage;
pub(crate) use mcpay_sandbox::locked;
use uuid::Uuid;

pub(crate) use books::{Books, Target};

use super::epayment::payment::Payment;
use super::limits::Limits;
use super::memory::Memory;
use super::person::Consent;
use super::recurring::agreement::Agreement;
use super::recurring::list::Continuation;
use super::rules::Rules;
use super::webhooks::registration::Registration;
use super::{SandboxAccount, SandboxOptions};

mod books;

/// An access token of the test environment lives an hour.
pub(crate) const TOKEN_SECONDS: i64 = 3600;

pub(crate) type SharedPayment = Arc<Mutex<Payment>>;
pub(crate) type SharedAgreement = Arc<Mutex<Agreement>>;

pub(crate) struct State {
    pub(crate) stage: Stage,
    pub(crate) accounts: Vec<SandboxAccount>,
    /// `public_url` without the slash at its end.
    pub(crate) base: String,
    /// The path of `public_url`, for links that stay right under any host name.
    pub(crate) base_path: String,
    pub(crate) rules: Mutex<Rules>,
    pub(crate) memory: Memory,
    pub(crate) limits: Limits,
    pub(crate) registrations: Mutex<Vec<Registration>>,
    /// What payers permitted to tell, by sales unit and `sub`.
    pub(crate) consents: Mutex<HashMap<(String, String), Consent>>,
    pub(crate) continuations: Mutex<HashMap<Uuid, Continuation>>,
    books: Mutex<Books>,
    tokens: Mutex<HashMap<String, (SandboxAccount, DateTime<Utc>)>>,
    number: AtomicI64,
}

impl State {
    pub(crate) fn new(options: SandboxOptions) -> Self {
        let base = options.public_url.as_str().trim_end_matches('/').to_owned();
        let base_path = options.public_url.path().trim_end_matches('/').to_owned();
        // Ten digits, and higher after a restart, as the real ones are.
        let number = 5_000_000_000 + Utc::now().timestamp().rem_euclid(1_000_000_000);
        Self {
            stage: Stage::new(options.http, options.retry_second),
            accounts: options.accounts,
            base,
            base_path,
            rules: Mutex::default(),
            memory: Memory::default(),
            limits: Limits::default(),
            registrations: Mutex::default(),
            consents: Mutex::default(),
            continuations: Mutex::default(),
            books: Mutex::default(),
            tokens: Mutex::default(),
            number: AtomicI64::new(number),
        }
    }

    /// The next number of an event or a transaction.
    pub(crate) fn next_number(&self) -> String {
        self.number.fetch_add(1, Ordering::Relaxed).to_string()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.stage.clock.now()
    }

    /// Where the payer goes with this token.
    pub(crate) fn landing_url(&self, token: &str) -> String {
        format!("{}/landing?token={token}", self.base)
    }

    /// A new access token, as long as the real ones.
    pub(crate) fn give_token(&self, account: &SandboxAccount, now: DateTime<Utc>) -> String {
        let token: String = (0..32)
            .map(|_| Uuid::new_v4().simple().to_string())
            .collect();
        let expires_at = now + TimeDelta::seconds(TOKEN_SECONDS);
        let mut tokens = locked(&self.tokens);
        tokens.retain(|_, (_, expires_at)| *expires_at > now);
        tokens.insert(token.clone(), (account.clone(), expires_at));
        token
    }

    /// Whose access token it is, while it lives.
    pub(crate) fn find_token_owner(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Option<SandboxAccount> {
        let tokens = locked(&self.tokens);
        let (account, expires_at) = tokens.get(token)?;
        (*expires_at > now).then(|| account.clone())
    }

    /// Looks something up, or notes it.
    pub(crate) fn books<T>(&self, work: impl FnOnce(&mut Books) -> T) -> T {
        work(&mut locked(&self.books))
    }

    pub(crate) fn keep_payment(&self, payment: Payment) -> SharedPayment {
        let (shared, forgotten) = self.books(|books| books.keep_payment(payment));
        self.forget(forgotten);
        shared
    }

    pub(crate) fn keep_agreement(&self, agreement: Agreement) -> SharedAgreement {
        let (shared, forgotten) = self.books(|books| books.keep_agreement(agreement));
        self.forget(forgotten);
        shared
    }

    /// The charges of a forgotten agreement are looked up under its own lock.
    fn forget(&self, forgotten: Option<Target>) {
        if let Some(Target::Agreement(agreement)) = forgotten {
            let agreement = locked(&agreement);
            self.books(|books| books.forget_charges(&agreement));
        }
    }
}

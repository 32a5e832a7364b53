//! `impl Provider`: reads the account and hands over to one file per operation. No rule lives here.

mod cancel;
mod charge;
mod close;
mod initiate;
mod inquire;
mod locate;
mod profile;
mod read;
mod stop;
mod transact;
mod webhooks;

use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use mcpay_port::{
    Account, AccountProblem, AccountSettings, AgreementRef, Attempt, Capabilities, ChargeOrder,
    Charged, Failure, FailureKind, Forged, Hint, Money, Operation, PaymentOrder, Profile, Profiles,
    Progress, Provider, ProviderError, ProviderId, RawNotification, RegisteredAddress,
    Registration, Snapshot, Started, Webhooks,
};
use secrecy::SecretString;
use url::Url;

use crate::capabilities::VIPPS;
use crate::client::exchange::Answered;
use crate::client::limits::Limits;
use crate::client::token::Tokens;
use crate::client::{CALL_TIMEOUT, Client, OPERATION_TIMEOUT};
use crate::config::Settings;
use crate::map;
use crate::map::history::{Deed, Sought};
use crate::notification;

/// The adapter. One instance serves every account, keeps their access tokens, and counts their calls.
pub struct Vipps {
    http: reqwest::Client,
    tokens: Tokens,
    limits: Option<Limits>,
    timeout: Duration,
}

impl Vipps {
    /// `http` must not follow redirects (`redirect::Policy::none()`): a followed one is treated as
    /// a bad answer, since it may have carried the access token elsewhere.
    pub fn new(http: reqwest::Client) -> Self {
        Self {
            http,
            tokens: Tokens::default(),
            limits: Some(Limits::default()),
            timeout: CALL_TIMEOUT,
        }
    }

    /// How long one call may take, body included; 8 seconds unless this is said. All calls of an
    /// operation together never take more than 11.
    #[must_use]
    pub fn with_call_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// For suites that ask more in a minute than anybody ever may: nothing is counted.
    #[must_use]
    pub fn without_limits(mut self) -> Self {
        self.limits = None;
        self
    }

    fn client<'a>(&'a self, settings: &'a Settings) -> Client<'a> {
        Client {
            http: &self.http,
            tokens: &self.tokens,
            limits: self.limits.as_ref(),
            settings,
            timeout: self.timeout,
            deadline: Instant::now() + OPERATION_TIMEOUT,
        }
    }
}

fn settings(account: &Account) -> Result<Settings, ProviderError> {
    Settings::read(&account.settings).map_err(|problem| {
        let failure = Failure::new(FailureKind::Misconfigured).titled(problem.to_string());
        ProviderError::DidNotHappen(failure)
    })
}

/// Recurring answers a change with no body, and says by its status whether it is done yet.
fn progress(answered: &Answered) -> Progress {
    if answered.status == 202 {
        Progress::Accepted
    } else {
        Progress::Done
    }
}

#[async_trait]
impl Provider for Vipps {
    fn id(&self) -> ProviderId {
        ProviderId::Vipps
    }

    fn capabilities(&self) -> &'static Capabilities {
        &VIPPS
    }

    fn check_account(&self, settings: &AccountSettings) -> Result<(), AccountProblem> {
        Settings::read(settings).map(drop)
    }

    async fn initiate(
        &self,
        account: &Account,
        operation: Operation,
        order: &PaymentOrder,
    ) -> Result<Started, ProviderError> {
        let settings = settings(account)?;
        initiate::initiate(&self.client(&settings), operation, order).await
    }

    async fn inquire(
        &self,
        account: &Account,
        attempt: &Attempt,
    ) -> Result<Snapshot, ProviderError> {
        let settings = settings(account)?;
        inquire::inquire(&self.client(&settings), attempt).await
    }

    async fn close(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        close::close(&self.client(&settings), operation, attempt).await
    }

    /// VAT is no part of any of the provider's calls.
    async fn capture(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
        amount: Money,
        _vat: Money,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        let sought = Sought {
            operation,
            deed: Deed::Capture,
            amount,
        };
        transact::transact(&self.client(&settings), attempt, sought).await
    }

    async fn cancel(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        cancel::cancel(&self.client(&settings), operation, attempt).await
    }

    async fn refund(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
        amount: Money,
        _vat: Money,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        let sought = Sought {
            operation,
            deed: Deed::Refund,
            amount,
        };
        transact::transact(&self.client(&settings), attempt, sought).await
    }

    /// What cannot be read is found out by the charge.
    fn first_due(&self, account: &Account, asked_at: DateTime<Utc>) -> Option<NaiveDate> {
        let settings = Settings::read(&account.settings).ok()?;
        map::charge::first_due(&settings, asked_at)
    }

    async fn charge(
        &self,
        account: &Account,
        operation: Operation,
        agreement: &AgreementRef,
        order: &ChargeOrder,
    ) -> Result<Charged, ProviderError> {
        let settings = settings(account)?;
        charge::charge(&self.client(&settings), operation, agreement, order).await
    }

    async fn stop(
        &self,
        account: &Account,
        operation: Operation,
        agreement: &AgreementRef,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        stop::stop(&self.client(&settings), operation, agreement).await
    }

    fn read_notification(
        &self,
        _account: &Account,
        raw: &RawNotification<'_>,
    ) -> Result<Hint, Forged> {
        notification::read_notification(raw)
    }

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }

    fn profiles(&self) -> Option<&dyn Profiles> {
        Some(self)
    }
}

#[async_trait]
impl Webhooks for Vipps {
    async fn register(&self, account: &Account, url: &Url) -> Result<Registration, ProviderError> {
        let settings = settings(account)?;
        webhooks::register(&self.client(&settings), url).await
    }

    async fn list(&self, account: &Account) -> Result<Vec<RegisteredAddress>, ProviderError> {
        let settings = settings(account)?;
        webhooks::list(&self.client(&settings)).await
    }

    async fn remove(&self, account: &Account, id: &str) -> Result<(), ProviderError> {
        let settings = settings(account)?;
        webhooks::remove(&self.client(&settings), id).await
    }
}

#[async_trait]
impl Profiles for Vipps {
    async fn fetch(
        &self,
        account: &Account,
        subject: &SecretString,
    ) -> Result<Profile, ProviderError> {
        let settings = settings(account)?;
        profile::fetch(&self.client(&settings), subject).await
    }
}

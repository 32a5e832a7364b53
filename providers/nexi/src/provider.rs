//! `impl Provider`: reads the account and hands over to one file per operation. No rule lives here.

mod cancel;
mod capture;
mod charge;
mod close;
mod initiate;
mod inquire;
mod refund;
mod stop;

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use mcpay_port::{
    Account, AccountProblem, AccountSettings, AgreementRef, Attempt, Capabilities, ChargeOrder,
    Charged, Failure, FailureKind, Forged, Hint, Money, Operation, PaymentOrder, Progress,
    Provider, ProviderError, ProviderId, ProviderRef, RawNotification, Snapshot, Started,
};

use crate::capabilities::NEXI;
use crate::client::{Answered, CALL_TIMEOUT, Client};
use crate::config::Settings;
use crate::link;
use crate::map;
use crate::notification;
use crate::wire::answer::{Payment, Retrieved};

/// The adapter. One instance serves every account.
pub struct Nexi {
    http: reqwest::Client,
    timeout: Duration,
}

impl Nexi {
    /// `http` must not follow redirects (`redirect::Policy::none()`): a followed one is treated as
    /// a bad answer, since it may have carried the secret key elsewhere.
    pub fn new(http: reqwest::Client) -> Self {
        Self {
            http,
            timeout: CALL_TIMEOUT,
        }
    }

    /// How long one call may take, body included; 10 seconds unless this is said.
    #[must_use]
    pub fn with_call_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn client<'a>(&'a self, settings: &'a Settings) -> Client<'a> {
        Client {
            http: &self.http,
            settings,
            timeout: self.timeout,
        }
    }
}

fn settings(account: &Account) -> Result<Settings, ProviderError> {
    Settings::read(&account.settings).map_err(|problem| {
        let failure = Failure::new(FailureKind::Misconfigured).titled(problem.to_string());
        ProviderError::DidNotHappen(failure)
    })
}

/// What Nexi calls the payment. Without it Nexi cannot be asked: it has no search by reference.
fn provider_ref(attempt: &Attempt) -> Result<&ProviderRef, ProviderError> {
    attempt
        .provider_ref
        .as_ref()
        .filter(|id| link::is_path_safe(id.as_str()))
        .ok_or_else(|| ProviderError::DidNotHappen(Failure::new(FailureKind::NotFound)))
}

/// One of the 30 retrieves that Nexi allows a payment in an hour.
async fn retrieve(
    client: &Client<'_>,
    id: &ProviderRef,
) -> Result<Answered<Payment>, ProviderError> {
    let url = link::own(client.settings, &["payments", id.as_str()]);
    let answered = client.get::<Retrieved>(url).await?;
    let body = map::snapshot::payment(id, answered.body).map_err(ProviderError::DidNotHappen)?;
    Ok(Answered {
        status: answered.status,
        date: answered.date,
        body,
    })
}

#[async_trait]
impl Provider for Nexi {
    fn id(&self) -> ProviderId {
        ProviderId::Nexi
    }

    fn capabilities(&self) -> &'static Capabilities {
        &NEXI
    }

    fn nobodys_ref(&self) -> Option<ProviderRef> {
        Some(ProviderRef("0".repeat(32)))
    }

    fn check_account(&self, settings: &AccountSettings) -> Result<(), AccountProblem> {
        Settings::read(settings).map(drop)
    }

    /// Creating takes no idempotency key, so the operation is not told.
    async fn initiate(
        &self,
        account: &Account,
        _operation: Operation,
        order: &PaymentOrder,
    ) -> Result<Started, ProviderError> {
        let settings = settings(account)?;
        initiate::initiate(&self.client(&settings), order, Utc::now()).await
    }

    async fn inquire(
        &self,
        account: &Account,
        attempt: &Attempt,
    ) -> Result<Snapshot, ProviderError> {
        let settings = settings(account)?;
        inquire::inquire(&self.client(&settings), attempt).await
    }

    /// Terminating takes no idempotency key, so the operation is not told.
    async fn close(
        &self,
        account: &Account,
        _operation: Operation,
        attempt: &Attempt,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        close::close(&self.client(&settings), attempt).await
    }

    async fn capture(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
        amount: Money,
        vat: Money,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        capture::capture(&self.client(&settings), operation, attempt, amount, vat).await
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
        vat: Money,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        refund::refund(&self.client(&settings), operation, attempt, amount, vat).await
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
        _operation: Operation,
        _agreement: &AgreementRef,
    ) -> Result<Progress, ProviderError> {
        settings(account)?;
        Ok(stop::stop())
    }

    fn read_notification(
        &self,
        _account: &Account,
        raw: &RawNotification<'_>,
    ) -> Result<Hint, Forged> {
        notification::read_notification(raw)
    }
}

//! `impl Provider`: reads the account and hands over to one file per operation. No rule lives here.

mod charge;
mod close;
mod initiate;
mod inquire;
mod stop;
mod transact;

use std::time::Duration;

use async_trait::async_trait;
use mcpay_port::{
    Account, AccountProblem, AccountSettings, AgreementRef, Attempt, Capabilities, ChargeOrder,
    Charged, Failure, FailureKind, Forged, Hint, Money, Operation, PaymentOrder, Progress,
    Provider, ProviderError, ProviderId, ProviderRef, RawNotification, Snapshot, Started,
};

use crate::capabilities::PAYEX;
use crate::client::{CALL_TIMEOUT, Client};
use crate::config::Settings;
use crate::link;
use crate::notification;
use transact::Deed;

/// The adapter. One instance serves every account.
pub struct Payex {
    http: reqwest::Client,
    timeout: Duration,
}

impl Payex {
    /// `http` must not follow redirects (`redirect::Policy::none()`): a followed one is treated as a
    /// bad answer, since it may have carried the access token elsewhere.
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

/// What PayEx calls the payment. Without it PayEx cannot be asked: it has no search by reference.
fn provider_ref(attempt: &Attempt) -> Result<&ProviderRef, ProviderError> {
    attempt
        .provider_ref
        .as_ref()
        .filter(|id| link::is_order_id(id.as_str()))
        .ok_or_else(|| ProviderError::DidNotHappen(Failure::new(FailureKind::NotFound)))
}

#[async_trait]
impl Provider for Payex {
    fn id(&self) -> ProviderId {
        ProviderId::Payex
    }

    fn capabilities(&self) -> &'static Capabilities {
        &PAYEX
    }

    fn nobodys_ref(&self) -> Option<ProviderRef> {
        let nobodys = "/psp/paymentorders/00000000-0000-0000-0000-000000000000";
        Some(ProviderRef(nobodys.to_owned()))
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

    /// PayEx's abort takes no reference, so the operation is not told.
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
        let deed = Deed::capture(amount, vat);
        transact::transact(&self.client(&settings), operation, attempt, deed).await
    }

    async fn cancel(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        transact::transact(&self.client(&settings), operation, attempt, Deed::cancel()).await
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
        let deed = Deed::refund(amount, vat);
        transact::transact(&self.client(&settings), operation, attempt, deed).await
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

    /// Deleting a token takes no reference, so the operation is not told.
    async fn stop(
        &self,
        account: &Account,
        _operation: Operation,
        agreement: &AgreementRef,
    ) -> Result<Progress, ProviderError> {
        let settings = settings(account)?;
        stop::stop(&self.client(&settings), agreement).await
    }

    fn read_notification(
        &self,
        _account: &Account,
        raw: &RawNotification<'_>,
    ) -> Result<Hint, Forged> {
        notification::read_notification(raw)
    }
}

//! The trait every adapter implements. Each method's doc is its required behaviour, and the
//! conformance suite checks it.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    Account, AccountProblem, AccountSettings, AgreementRef, Attempt, Capabilities, ChargeOrder,
    Charged, Currency, Failure, FailureKind, Forged, Hint, Money, Operation, PaymentOrder,
    PaymentRef, Profiles, Progress, ProviderError, ProviderId, ProviderRef, RawNotification,
    Snapshot, Started, Webhooks,
};

#[async_trait]
pub trait Provider: Send + Sync {
    fn id(&self) -> ProviderId;

    fn capabilities(&self) -> &'static Capabilities;

    /// Whether the settings are complete and well formed, before they are stored.
    ///
    /// # Errors
    /// A sentence that names the field, never its value.
    fn check_account(&self, settings: &AccountSettings) -> Result<(), AccountProblem>;

    /// Creates the payment at the provider. Never resent by the adapter unless
    /// [`Capabilities::create_is_idempotent`].
    async fn initiate(
        &self,
        account: &Account,
        operation: Operation,
        order: &PaymentOrder,
    ) -> Result<Started, ProviderError>;

    /// Asks how the payment stands. Changes nothing at the provider.
    async fn inquire(
        &self,
        account: &Account,
        attempt: &Attempt,
    ) -> Result<Snapshot, ProviderError>;

    /// Closes a payment that is not yet authorised, so that nobody can pay it any more. `Done`
    /// says that the provider closed it; when the payer was faster, or the provider cannot close it
    /// now, this is `DidNotHappen(Refused)` and an inquiry tells.
    async fn close(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
    ) -> Result<Progress, ProviderError>;

    /// Takes `amount` of what was authorised; `vat` is the part of it that is VAT.
    async fn capture(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
        amount: Money,
        vat: Money,
    ) -> Result<Progress, ProviderError>;

    /// Releases everything that is authorised and not captured.
    async fn cancel(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
    ) -> Result<Progress, ProviderError>;

    /// Gives back `amount` of what was captured; `vat` is the part of it that is VAT.
    async fn refund(
        &self,
        account: &Account,
        operation: Operation,
        attempt: &Attempt,
        amount: Money,
        vat: Money,
    ) -> Result<Progress, ProviderError>;

    /// The day of a charge that nobody gave a day, where the provider keeps charges until they are
    /// due. Asked once, and stored before the charge is made: each repetition has the same day, so it
    /// must still be good some time after `asked_at`. None: such a charge is taken at once.
    fn first_due(&self, _account: &Account, _asked_at: DateTime<Utc>) -> Option<NaiveDate> {
        None
    }

    /// Charges an agreement without the payer. The charge is a payment of its own, authorised or
    /// declined; it is captured like any other.
    async fn charge(
        &self,
        account: &Account,
        operation: Operation,
        agreement: &AgreementRef,
        order: &ChargeOrder,
    ) -> Result<Charged, ProviderError>;

    /// Ends the permission to charge. Ending it twice is `Done`. Where the provider knows no end
    /// ([`Capabilities::agreement_end`]) there is nothing to do but to forget the token.
    async fn stop(
        &self,
        account: &Account,
        operation: Operation,
        agreement: &AgreementRef,
    ) -> Result<Progress, ProviderError>;

    /// Reads a callback, over the raw bytes, without any I/O.
    ///
    /// # Errors
    /// [`Forged`] when it does not prove its sender or cannot be read.
    fn read_notification(
        &self,
        account: &Account,
        raw: &RawNotification<'_>,
    ) -> Result<Hint, Forged>;

    /// A payment's id that has the provider's form and is nobody's.
    fn nobodys_ref(&self) -> Option<ProviderRef> {
        None
    }

    /// Whether the provider answers and takes the account's keys: asked about a payment that does
    /// not exist, it says just that.
    async fn check_keys(&self, account: &Account) -> Result<(), ProviderError> {
        let nobodys = Attempt {
            reference: PaymentRef(Uuid::nil()),
            method: *self.capabilities().methods.first().ok_or_else(no_method)?,
            provider_ref: self.nobodys_ref(),
            amount: Money::zero(Currency::NOK),
            charge: None,
        };
        match self.inquire(account, &nobodys).await {
            Err(error) if error.failure().kind == FailureKind::NotFound => Ok(()),
            asked => asked.map(drop),
        }
    }

    /// For providers that send notifications only to addresses registered beforehand.
    fn webhooks(&self) -> Option<&dyn Webhooks> {
        None
    }

    /// For providers that tell who paid, when the payer permits it.
    fn profiles(&self) -> Option<&dyn Profiles> {
        None
    }
}

fn no_method() -> ProviderError {
    ProviderError::DidNotHappen(Failure::new(FailureKind::Unsupported))
}

//! The promises of [`Provider`], as a suite that every adapter runs against its sandbox.
//!
//! What lives here: what must hold for any provider. What must never: I/O, or one provider's ways;
//! those are behind [`World`], which each adapter's own tests implement over real HTTP.
//!
//! A broken promise panics with a sentence that says which; this code only runs in tests.

mod agreements;
mod ends;
mod faults;
mod money_moves;
mod notifications;
mod starts;

use std::fmt::Debug;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Account, Attempt, ChargeOrder, Currency, FailureKind, Flow, Money, Operation, PaymentOrder,
    PaymentRef, Provider, ProviderError, ProviderRef, Registration, Snapshot, Standing, Started,
};

/// The provider's side of the suite: a sandbox, its payer, and the network between.
#[async_trait]
pub trait World: Send + Sync {
    fn account(&self) -> Account;

    /// The same account at an address where nobody listens.
    fn unreachable_account(&self) -> Account;

    /// A fresh operation, as the service would store it.
    fn operation(&self) -> Operation;

    /// A fresh order with a reference of its own.
    fn order(&self, wish: Wish) -> PaymentOrder;

    /// A fresh charge with a reference of its own.
    fn charge_order(&self, amount: Money, vat: Money) -> ChargeOrder;

    /// A well-formed id that the provider has never given.
    fn unknown_ref(&self) -> ProviderRef;

    /// Whether a declined attempt ends the payment. False: the payer may try again.
    fn decline_is_final(&self) -> bool;

    /// Whether an inquiry about the payment that opened an agreement tells that the agreement has
    /// ended. False: only a charge is told so.
    fn inquiry_tells_end(&self) -> bool;

    /// Acts for the payer, and returns once the provider has taken it in.
    async fn act(&self, reference: PaymentRef, action: PayerAction);

    /// Returns once the provider has worked off a charge that it has accepted.
    async fn charge_is_processed(&self, reference: PaymentRef);

    /// The next call that could change something takes effect, and its answer is lost.
    async fn lose_next_answer(&self);

    /// How many calls of this kind the provider has seen for the payment.
    async fn count(&self, reference: PaymentRef, call: Call) -> usize;

    /// A callback that the provider really sent for this payment after the payer acted.
    async fn callback(&self, order: &PaymentOrder) -> Callback;
}

/// What an order shall be.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub amount: Money,
    pub vat: Money,
    pub agreement: bool,
    pub flow: Flow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayerAction {
    Approve,
    Decline,
    Cancel,
}

/// The calls that a sandbox counts (CONTRACT 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Initiate,
    Capture,
    Cancel,
    Refund,
    Charge,
}

/// What arrived at the callback URL.
#[derive(Debug)]
pub struct Callback {
    /// The key in the URL, where the URL has one.
    pub key: Option<String>,
    pub expected_key: SecretString,
    /// The registration it was sent to, where the provider signs with one's secret.
    pub registration: Option<Registration>,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Checks every promise, one after the other.
///
/// # Panics
/// When one is broken.
pub async fn run(provider: &dyn Provider, world: &dyn World) {
    let suite = Suite { provider, world };
    starts::every_flow_gives_a_next_step(&suite).await;
    starts::pending_becomes_approved_with_the_exact_amounts(&suite).await;
    starts::asking_twice_gives_the_same_answer(&suite).await;
    ends::a_payer_who_cancels_ends_the_payment(&suite).await;
    ends::a_decline_ends_nothing_while_the_payer_may_try_again(&suite).await;
    ends::an_open_payment_can_be_closed(&suite).await;
    ends::an_approved_payment_cannot_be_closed(&suite).await;
    ends::what_the_provider_does_not_know_is_not_found(&suite).await;
    money_moves::captures_add_up_and_never_pass_the_authorisation(&suite).await;
    money_moves::a_release_gives_back_everything(&suite).await;
    money_moves::a_release_gives_back_what_was_not_captured(&suite).await;
    money_moves::refunds_add_up_and_never_pass_the_captures(&suite).await;
    agreements::a_registration_takes_nothing_and_permits_charges(&suite).await;
    agreements::a_first_payment_also_permits_charges(&suite).await;
    agreements::a_charge_is_a_payment_that_can_be_captured(&suite).await;
    agreements::stopping_twice_is_done(&suite).await;
    agreements::an_agreement_that_has_ended_at_the_provider_is_said_to_be_over(&suite).await;
    faults::without_a_connection_nothing_happened(&suite).await;
    faults::a_lost_answer_to_a_create_may_have_happened(&suite).await;
    faults::a_lost_answer_to_a_capture_moves_money_once(&suite).await;
    faults::a_lost_answer_to_a_release_releases_once(&suite).await;
    faults::a_lost_answer_to_a_refund_moves_money_once(&suite).await;
    faults::a_lost_answer_to_a_charge_may_have_happened(&suite).await;
    notifications::a_real_callback_points_at_its_payment(&suite).await;
    notifications::a_forged_callback_is_refused(&suite).await;
}

/// The adapter under test and its world, with the steps that the promises share.
struct Suite<'a> {
    provider: &'a dyn Provider,
    world: &'a dyn World,
}

/// What is asked about an order of which no more is known.
fn attempt_on(order: &PaymentOrder) -> Attempt {
    Attempt {
        reference: order.reference,
        method: order.method,
        provider_ref: None,
        amount: order.amount,
        charge: None,
    }
}

const TOTAL: i64 = 34_900;
const VAT: i64 = 6_980;

fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

impl Suite<'_> {
    /// The flow that every method has.
    fn flow(&self) -> Flow {
        self.provider
            .capabilities()
            .methods
            .first()
            .map_or(Flow::Redirect, |method| method.default_flow())
    }

    fn purchase(&self) -> Wish {
        Wish {
            amount: nok(TOTAL),
            vat: nok(VAT),
            agreement: false,
            flow: self.flow(),
        }
    }

    /// Starts a payment that nobody has acted on.
    async fn start(&self, wish: Wish) -> (PaymentOrder, Attempt, Started) {
        let order = self.world.order(wish);
        let started = self
            .provider
            .initiate(&self.world.account(), self.world.operation(), &order)
            .await;
        let started = must(started, "a payment starts");
        let attempt = Attempt {
            provider_ref: started.provider_ref.clone(),
            ..attempt_on(&order)
        };
        (order, attempt, started)
    }

    /// Starts a payment that the payer has approved.
    async fn approved(&self, wish: Wish) -> Attempt {
        let (order, attempt, _) = self.start(wish).await;
        self.world.act(order.reference, PayerAction::Approve).await;
        attempt
    }

    /// An approved payment, captured in full.
    async fn captured(&self) -> Attempt {
        let attempt = self.approved(self.purchase()).await;
        let done = self.capture(self.world.operation(), &attempt, TOTAL).await;
        must(done, "a capture of everything");
        attempt
    }

    async fn inquire(&self, attempt: &Attempt) -> Snapshot {
        let seen = self.provider.inquire(&self.world.account(), attempt).await;
        must(seen, "an inquiry about a payment that exists")
    }

    async fn capture(
        &self,
        operation: Operation,
        attempt: &Attempt,
        minor: i64,
    ) -> Result<crate::Progress, ProviderError> {
        let (amount, vat) = (nok(minor), nok(minor / 5));
        self.provider
            .capture(&self.world.account(), operation, attempt, amount, vat)
            .await
    }

    async fn refund(
        &self,
        operation: Operation,
        attempt: &Attempt,
        minor: i64,
    ) -> Result<crate::Progress, ProviderError> {
        let (amount, vat) = (nok(minor), nok(minor / 5));
        self.provider
            .refund(&self.world.account(), operation, attempt, amount, vat)
            .await
    }

    async fn cancel(
        &self,
        operation: Operation,
        attempt: &Attempt,
    ) -> Result<crate::Progress, ProviderError> {
        self.provider
            .cancel(&self.world.account(), operation, attempt)
            .await
    }

    /// Asks, and compares authorised, captured, cancelled and refunded.
    async fn expect_amounts(&self, attempt: &Attempt, minors: [i64; 4], when: &str) {
        let seen = self.inquire(attempt).await;
        assert_eq!(seen.standing, Standing::Approved, "{when}");
        let found = [
            seen.authorized,
            seen.captured,
            seen.cancelled,
            seen.refunded,
        ];
        assert_eq!(found, minors.map(nok), "{when}");
    }
}

fn must<T, E: Debug>(result: Result<T, E>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{what} must succeed, and it was {error:?}"),
    }
}

/// The provider said no, and the adapter says so without doubt.
fn must_be_refused<T: Debug>(result: Result<T, ProviderError>, what: &str) {
    match result {
        Err(ProviderError::DidNotHappen(failure)) if failure.kind == FailureKind::Refused => {}
        other => panic!("{what} must be refused, and it was {other:?}"),
    }
}

fn must_be_open<T: Debug>(result: Result<T, ProviderError>, what: &str) {
    match result {
        Err(ProviderError::MayHaveHappened(_)) => {}
        other => panic!("{what} may have happened, and it was {other:?}"),
    }
}

/// A token compared without ever being shown.
fn same_permission(one: &Snapshot, other: &Snapshot) -> bool {
    let token = |seen: &Snapshot| {
        let agreement = seen.agreement.token();
        agreement.map(|agreement| agreement.0.expose_secret().to_owned())
    };
    token(one) == token(other)
}

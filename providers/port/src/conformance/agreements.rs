//! Promises about permissions to charge, and the charges made on them.

use super::{Call, PayerAction, Suite, TOTAL, Wish, must, nok};
use crate::{
    AgreementEnd, AgreementRef, AgreementToken, Attempt, ChargeAttempt, ChargeOrder, Charged,
    Permission, Progress, Standing,
};

/// What is charged later, e.g. a monthly price.
const CHARGE: i64 = 9_900;

pub(super) async fn a_registration_takes_nothing_and_permits_charges(suite: &Suite<'_>) {
    let wish = Wish {
        amount: nok(0),
        vat: nok(0),
        agreement: true,
        ..suite.purchase()
    };
    let (order, attempt, _) = suite.start(wish).await;
    let before = suite.inquire(&attempt).await;
    assert_eq!(before.standing, Standing::Pending, "before the payer acts");
    assert!(
        before.agreement.token().is_none(),
        "nothing is permitted yet"
    );
    suite.world.act(order.reference, PayerAction::Approve).await;
    suite
        .expect_amounts(&attempt, [0, 0, 0, 0], "after a registration")
        .await;
    let after = suite.inquire(&attempt).await;
    assert!(after.order_amount.is_zero(), "a registration costs nothing");
    assert!(
        after.agreement.token().is_some(),
        "a registration permits charges"
    );
}

pub(super) async fn a_first_payment_also_permits_charges(suite: &Suite<'_>) {
    let (attempt, _) = permitted(suite).await;
    suite
        .expect_amounts(&attempt, [TOTAL, 0, 0, 0], "after a first payment")
        .await;
}

pub(super) async fn a_charge_is_a_payment_that_can_be_captured(suite: &Suite<'_>) {
    let (first, agreement) = permitted(suite).await;
    let order = suite.world.charge_order(nok(CHARGE), nok(CHARGE / 5));
    let keeps = suite.provider.capabilities().charges.kept_until_due;
    assert!(
        order.due.is_none() || keeps.is_some(),
        "only what is kept has a day"
    );
    let operation = suite.world.operation();
    let charged = suite
        .provider
        .charge(&suite.world.account(), operation, &agreement, &order)
        .await;
    let attempt = match must(charged, "a charge") {
        Charged::Started(provider_ref) => Attempt {
            provider_ref: Some(provider_ref),
            reference: order.reference,
            amount: order.amount,
            charge: Some(ChargeAttempt {
                operation,
                agreement: agreement.clone(),
            }),
            ..first
        },
        Charged::Declined { code, .. } => panic!("a charge on a good card was declined: {code}"),
    };
    suite.world.charge_is_processed(order.reference).await;
    let seen = suite.inquire(&attempt).await;
    assert_eq!(seen.order_amount, order.amount);
    if !suite.provider.capabilities().charges.captured_at_once {
        suite
            .expect_amounts(&attempt, [CHARGE, 0, 0, 0], "after a charge")
            .await;
        let operation = suite.world.operation();
        let done = suite.capture(operation, &attempt, CHARGE).await;
        must(done, "a capture of a charge");
    }
    suite
        .expect_amounts(&attempt, [CHARGE, CHARGE, 0, 0], "after its capture")
        .await;
    assert_eq!(suite.world.count(order.reference, Call::Charge).await, 1);
}

pub(super) async fn stopping_twice_is_done(suite: &Suite<'_>) {
    let (_, agreement) = permitted(suite).await;
    for time in ["first", "second"] {
        stop(suite, &agreement, time).await;
    }
}

/// Whoever ended it. Where the payment that opened it does not show it, the next charge does.
pub(super) async fn an_agreement_that_has_ended_at_the_provider_is_said_to_be_over(
    suite: &Suite<'_>,
) {
    if suite.provider.capabilities().agreement_end == AgreementEnd::ByForgetting {
        return;
    }
    for minor in [TOTAL, 0] {
        let (attempt, agreement) = permitted_by(suite, minor).await;
        let before = suite.inquire(&attempt).await;
        assert!(!before.agreement.is_over(), "nobody has ended it");
        stop(suite, &agreement, "only").await;
        let after = suite.inquire(&attempt).await;
        assert_eq!(
            after.agreement.is_over(),
            suite.world.inquiry_tells_end(),
            "an inquiry after the end"
        );
        let order = suite.world.charge_order(nok(CHARGE), nok(0));
        match charge(suite, &agreement, &order).await {
            Ok(declined) if declined.says_agreement_is_over() => {}
            other => panic!("a charge after the end gave {other:?}"),
        }
    }
}

async fn stop(suite: &Suite<'_>, agreement: &AgreementRef, time: &str) {
    let stopped = suite
        .provider
        .stop(&suite.world.account(), suite.world.operation(), agreement)
        .await;
    assert_eq!(must(stopped, "a stop"), Progress::Done, "the {time} time");
}

/// An approved first payment and the permission that came with it.
pub(super) async fn permitted(suite: &Suite<'_>) -> (Attempt, AgreementRef) {
    permitted_by(suite, TOTAL).await
}

/// The same, with a first payment of this many minor units.
async fn permitted_by(suite: &Suite<'_>, minor: i64) -> (Attempt, AgreementRef) {
    let wish = Wish {
        amount: nok(minor),
        vat: nok(minor / 5),
        agreement: true,
        ..suite.purchase()
    };
    let (order, attempt, _) = suite.start(wish).await;
    suite.world.act(order.reference, PayerAction::Approve).await;
    let seen = suite.inquire(&attempt).await;
    let terms = order
        .agreement
        .as_ref()
        .map(|terms| terms.payer_reference.clone());
    match (seen.agreement, terms) {
        (Permission::Given(AgreementToken(token)), Some(payer_reference)) => {
            let agreement = AgreementRef {
                token,
                payer_reference,
            };
            (attempt, agreement)
        }
        (Permission::NotTold | Permission::Over, _) => {
            panic!("an approved first payment gave no permission to charge")
        }
        (Permission::Given(_), None) => panic!("the world gave no terms with an agreement"),
    }
}

pub(super) async fn charge(
    suite: &Suite<'_>,
    agreement: &AgreementRef,
    order: &ChargeOrder,
) -> Result<Charged, crate::ProviderError> {
    let operation = suite.world.operation();
    suite
        .provider
        .charge(&suite.world.account(), operation, agreement, order)
        .await
}

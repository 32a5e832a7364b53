//! Promises about how a payment begins.

use super::{Call, PayerAction, Suite, TOTAL, Wish, nok, same_permission};
use crate::{Flow, NextStep, Snapshot, Standing};

pub(super) async fn every_flow_gives_a_next_step(suite: &Suite<'_>) {
    let methods = suite.provider.capabilities().methods;
    for flow in [Flow::Redirect, Flow::Seamless] {
        if !methods.iter().any(|method| method.has_flow(flow)) {
            continue;
        }
        let wish = Wish {
            flow,
            ..suite.purchase()
        };
        let (order, _, started) = suite.start(wish).await;
        match (flow, started.next) {
            (Flow::Redirect, NextStep::Redirect(url)) => {
                assert!(url.starts_with("http"), "the payer is sent to {url}");
            }
            (Flow::Seamless, NextStep::Seamless(_)) => {}
            (flow, next) => panic!("{flow:?} gave the next step {next:?}"),
        }
        let creates = suite.world.count(order.reference, Call::Initiate).await;
        assert_eq!(creates, 1, "a payment is created once");
    }
}

pub(super) async fn pending_becomes_approved_with_the_exact_amounts(suite: &Suite<'_>) {
    let (order, attempt, _) = suite.start(suite.purchase()).await;
    let before = suite.inquire(&attempt).await;
    assert_eq!(before.standing, Standing::Pending, "before the payer acts");
    assert_eq!(before.order_amount, order.amount);
    if let Some(reference) = &before.reference {
        assert_eq!(*reference, order.reference.to_string());
    }
    let untouched = [
        before.authorized,
        before.captured,
        before.cancelled,
        before.refunded,
    ];
    assert_eq!(
        untouched,
        [nok(0); 4],
        "nothing is taken before the payer acts"
    );
    suite.world.act(order.reference, PayerAction::Approve).await;
    suite
        .expect_amounts(&attempt, [TOTAL, 0, 0, 0], "after the payer approved")
        .await;
    let after = suite.inquire(&attempt).await;
    assert_eq!(after.order_amount, order.amount);
    assert_eq!(
        after.reference,
        Some(order.reference.to_string()),
        "the reference is echoed"
    );
    assert_eq!(
        after.agreement.token().is_some(),
        order.agreement.is_some(),
        "a permission is given where one was asked for"
    );
}

pub(super) async fn asking_twice_gives_the_same_answer(suite: &Suite<'_>) {
    let wish = Wish {
        agreement: true,
        ..suite.purchase()
    };
    let (order, attempt, _) = suite.start(wish).await;
    for approved in [false, true] {
        if approved {
            suite.world.act(order.reference, PayerAction::Approve).await;
        }
        let (one, other) = (suite.inquire(&attempt).await, suite.inquire(&attempt).await);
        assert_eq!(facts(&one), facts(&other), "an inquiry changes nothing");
        assert!(
            same_permission(&one, &other),
            "an inquiry changes no permission"
        );
    }
}

fn facts(seen: &Snapshot) -> String {
    format!("{seen:?}")
}

//! Promises about callbacks: the real ones point at their payment, the others at nothing.

use chrono::Utc;

use super::{Callback, PayerAction, Suite, must};
use crate::{Attempt, Forged, Hint, PaymentRef, RawNotification};

pub(super) async fn a_real_callback_points_at_its_payment(suite: &Suite<'_>) {
    let (attempt, callback) = received(suite).await;
    let hint = must(read(suite, attempt.reference, &callback), "a real callback");
    assert_eq!(hint.payment, attempt.reference);
    if hint.provider_ref.is_some() {
        assert_eq!(hint.provider_ref, attempt.provider_ref);
    }
}

pub(super) async fn a_forged_callback_is_refused(suite: &Suite<'_>) {
    let (attempt, genuine) = received(suite).await;
    for key in [None, Some(String::new()), Some("0".repeat(32))] {
        let forged = Callback {
            key,
            expected_key: genuine.expected_key.clone(),
            registration: genuine.registration.clone(),
            headers: Vec::new(),
            body: genuine.body.clone(),
        };
        let read = read(suite, attempt.reference, &forged);
        assert!(
            read.is_err(),
            "a callback that proves nothing was read as {read:?}"
        );
    }
    for body in [&b""[..], b"{}", b"null", b"\xff\xfe", b"{\"paymentOrder\":"] {
        let garbage = Callback {
            key: genuine.key.clone(),
            expected_key: genuine.expected_key.clone(),
            registration: genuine.registration.clone(),
            headers: genuine.headers.clone(),
            body: body.to_vec(),
        };
        let read = read(suite, attempt.reference, &garbage);
        let names_nothing =
            |hint: &Hint| hint.payment == attempt.reference && hint.provider_ref.is_none();
        assert!(
            read.as_ref().map_or(true, names_nothing),
            "garbage was read as {read:?}"
        );
    }
}

async fn received(suite: &Suite<'_>) -> (Attempt, Callback) {
    let (order, attempt, _) = suite.start(suite.purchase()).await;
    suite.world.act(order.reference, PayerAction::Approve).await;
    let callback = suite.world.callback(&order).await;
    (attempt, callback)
}

fn read(suite: &Suite<'_>, payment: PaymentRef, callback: &Callback) -> Result<Hint, Forged> {
    let raw = RawNotification {
        payment: Some(payment),
        key: callback.key.as_deref(),
        expected_key: &callback.expected_key,
        registration: callback.registration.as_ref(),
        received_at: Utc::now(),
        headers: &callback.headers,
        body: &callback.body,
    };
    suite
        .provider
        .read_notification(&suite.world.account(), &raw)
}

//! However captures and refunds come and fail: nobody takes more than was reserved, nobody gives
//! back more than was taken, and the parts' VAT adds up.

use mcpay_port::Currency;
use proptest::prelude::*;

use super::*;
use crate::payments::operation::NewOperation;
use crate::payments::payment::Status;
use crate::payments::state::tests::payment;

fn nok(minor: i64) -> Money {
    Money::new(minor, Currency::NOK)
}

fn authorized(amount: i64, vat: i64) -> Payment {
    let mut payment = Payment {
        amount: nok(amount),
        vat: nok(vat),
        status: Status::Authorized,
        ..payment()
    };
    payment.amounts.authorized = nok(amount);
    payment
}

/// What happens to a payment's money: a share of what is left, in percent.
#[derive(Clone, Copy, Debug)]
enum Step {
    Capture(i64),
    CaptureFails(i64),
    Refund(i64),
    RefundFails(i64),
    ProviderShows,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let percent = 1..=100_i64;
    prop::collection::vec(
        prop_oneof![
            percent.clone().prop_map(Step::Capture),
            percent.clone().prop_map(Step::CaptureFails),
            percent.clone().prop_map(Step::Refund),
            percent.prop_map(Step::RefundFails),
            Just(Step::ProviderShows),
        ],
        1..30,
    )
}

fn share_of(left: Money, percent: i64) -> Money {
    nok((left.minor() * percent / 100).max(1).min(left.minor()))
}

fn take(payment: &mut Payment, kind: OperationKind, percent: i64, fails: bool) {
    let left = match kind {
        OperationKind::Capture => left_to_capture(payment),
        _ => left_to_refund(payment),
    };
    let part = share_of(left, percent);
    let before = payment.reserved;
    reserve(payment, kind, part);
    if fails {
        give_back(payment, kind, part);
        assert_eq!(payment.reserved, before, "what failed is there again");
    }
}

fn plays(payment: &mut Payment, step: Step) {
    match step {
        Step::Capture(percent) => take(payment, OperationKind::Capture, percent, false),
        Step::CaptureFails(percent) => take(payment, OperationKind::Capture, percent, true),
        Step::Refund(percent) => take(payment, OperationKind::Refund, percent, false),
        Step::RefundFails(percent) => take(payment, OperationKind::Refund, percent, true),
        Step::ProviderShows => {
            payment.amounts.captured = payment.reserved.captured;
            payment.amounts.refunded = payment.reserved.refunded;
        }
    }
}

proptest! {
    #[test]
    fn no_history_takes_or_gives_back_too_much(
        amount in 1..1_000_000_i64,
        steps in steps(),
    ) {
        let mut payment = authorized(amount, 0);
        for step in steps {
            plays(&mut payment, step);
            prop_assert!(payment.amounts.are_consistent());
            prop_assert!(payment.reserved.captured.minor() <= amount);
            prop_assert!(payment.reserved.refunded.minor() <= payment.amounts.captured.minor());
            prop_assert!(left_to_capture(&payment).minor() >= 0);
            prop_assert!(left_to_refund(&payment).minor() >= 0);
        }
        plays(&mut payment, Step::ProviderShows);
        prop_assert!(!is_behind(&payment));
    }

    #[test]
    fn the_vat_of_the_parts_is_the_vat_of_the_whole(
        amount in 1..1_000_000_i64,
        vat_percent in 0..=100_i64,
        percents in prop::collection::vec(1..=100_i64, 0..12),
    ) {
        let vat = amount * vat_percent / 100;
        let mut payment = authorized(amount, vat);
        let mut made = Vec::new();
        for percent in percents.into_iter().chain([100]) {
            let part = share_of(left_to_capture(&payment), percent);
            if part.is_zero() {
                break;
            }
            let part_vat = vat_of_part(&payment, OperationKind::Capture, part, &made);
            prop_assert!((0..=part.minor()).contains(&part_vat.minor()));
            let mut operation = NewOperation::on(
                &payment, OperationKind::Capture, payment.created_at, &crate::system::System,
            ).into_stored();
            (operation.amount, operation.vat) = (Some(part), Some(part_vat));
            made.push(operation);
            reserve(&mut payment, OperationKind::Capture, part);
        }
        let sum: i64 = made.iter().map(|one| one.vat.unwrap().minor()).sum();
        prop_assert_eq!(sum, vat);
    }
}

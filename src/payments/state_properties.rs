//! What holds for every history of answers, whatever the provider says.

use proptest::prelude::*;

use super::tests::{nok, now, payment, says};
use super::*;
use crate::payments::payment::PublicStatus;

fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    let standing = prop_oneof![
        Just(Standing::Pending),
        Just(Standing::Approved),
        Just(Standing::Ended(EndReason::Cancelled)),
        Just(Standing::Ended(EndReason::Declined)),
        Just(Standing::Unknown("Odd".into())),
    ];
    let amount = prop_oneof![Just(0), Just(34_900), 0..40_000_i64];
    (
        standing,
        amount.clone(),
        amount.clone(),
        amount,
        any::<bool>(),
    )
        .prop_map(
            |(standing, captured, cancelled, refunded, wrong)| Snapshot {
                captured: nok(captured),
                cancelled: nok(cancelled),
                refunded: nok(refunded),
                order_amount: if wrong { nok(1) } else { nok(34_900) },
                ..says(standing)
            },
        )
}

proptest! {
    #[test]
    fn whatever_the_provider_says_money_stays_consistent_and_repeats_add_nothing(
        history in prop::collection::vec(any_snapshot(), 1..12),
    ) {
        let mut payment = payment();
        for snapshot in history {
            let before = payment.clone();
            let next = apply(&payment, &snapshot, now());
            prop_assert!(next.payment.amounts.are_consistent());
            prop_assert!(!next.payment.amounts.is_less_than(&before.amounts));
            if before.status.public() == PublicStatus::Success {
                prop_assert!(!next.payment.status.is_pending(), "success never becomes pending");
            }
            let again = apply(&next.payment, &snapshot, now());
            prop_assert_eq!(&again.payment, &next.payment);
            prop_assert!(again.events.is_empty());
            prop_assert!(again.activation.is_none());
            payment = next.payment;
        }
    }
}

//! What may be called in a minute, on a clock of the tests.

use governor::clock::FakeRelativeClock;
use proptest::prelude::*;

use super::*;
use crate::map::samples::settings;

const ONE: NonZeroU32 = NonZeroU32::MIN;

const KINDS: [Kind; 15] = [
    Kind::CreatePayment,
    Kind::GetPayment,
    Kind::GetEvents,
    Kind::CapturePayment,
    Kind::RefundPayment,
    Kind::CancelPayment,
    Kind::DraftAgreement,
    Kind::GetAgreement,
    Kind::ListAgreements,
    Kind::UpdateAgreement,
    Kind::CreateCharge,
    Kind::GetCharge,
    Kind::CaptureCharge,
    Kind::RefundCharge,
    Kind::CancelCharge,
];

/// What the provider allows in a minute (VIPPS 2, and the table of Recurring).
const fn allowed(kind: Kind) -> usize {
    match kind {
        Kind::DraftAgreement => 300,
        Kind::GetPayment | Kind::GetEvents | Kind::GetAgreement => 120,
        Kind::GetCharge => 10,
        Kind::CreateCharge => 2,
        _ => 5,
    }
}

fn limits() -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    (Limits::with_clock(clock.clone()), clock)
}

fn may(limits: &Limits<FakeRelativeClock>, kind: Kind, of: &str, calls: NonZeroU32) -> bool {
    limits
        .take(&settings(), &Limit::new(kind, of), calls)
        .is_ok()
}

/// How long the adapter says to wait.
fn wait(limits: &Limits<FakeRelativeClock>, kind: Kind) -> Option<Duration> {
    let refused = limits
        .take(&settings(), &Limit::new(kind, "it"), ONE)
        .err()?;
    assert!(!refused.may_have_happened(), "nothing was sent");
    match refused.failure().kind {
        FailureKind::RateLimited { retry_after } => retry_after,
        other => panic!("{other:?}"),
    }
}

fn any_kind() -> impl Strategy<Value = Kind> {
    proptest::sample::select(KINDS.to_vec())
}

proptest! {
    #[test]
    fn no_minute_is_too_full_wherever_it_begins(
        kind in any_kind(),
        waits in proptest::collection::vec(prop_oneof![3 => 0_u64..50, 1 => 50_u64..40_000], 1..1_500),
    ) {
        let (limits, clock) = limits();
        let mut now = Duration::ZERO;
        let mut sent: Vec<Duration> = Vec::new();
        for wait in waits {
            let wait = Duration::from_millis(wait);
            clock.advance(wait);
            now += wait;
            if may(&limits, kind, "it", ONE) {
                sent.push(now);
            }
        }
        for start in &sent {
            let minute = *start..*start + MINUTE;
            let in_it = sent.iter().filter(|at| minute.contains(*at)).count();
            prop_assert!(in_it <= allowed(kind), "{kind:?}: {in_it} from {start:?}");
        }
    }

    #[test]
    fn whoever_waits_as_long_as_told_may_call(kind in any_kind(), rounds in 1_usize..40) {
        let (limits, clock) = limits();
        for _ in 0..rounds {
            while let Some(told) = wait(&limits, kind) {
                prop_assert!(told <= MINUTE, "{told:?}");
                clock.advance(told);
            }
        }
    }
}

#[test]
fn every_kind_of_call_has_a_limit_and_half_of_it_may_be_used_at_once() {
    for kind in KINDS {
        let (limits, clock) = limits();
        let at_once = (0..1_000)
            .take_while(|_| may(&limits, kind, "it", ONE))
            .count();
        let half = allowed(kind).div_ceil(2);
        assert!(
            (half..=allowed(kind)).contains(&at_once),
            "{kind:?}: {at_once}"
        );
        clock.advance(5 * MINUTE);
        let later = (0..1_000)
            .take_while(|_| may(&limits, kind, "it", ONE))
            .count();
        assert_eq!(later, at_once, "{kind:?} is whole again");
    }
}

#[test]
fn what_is_asked_of_one_reference_takes_nothing_from_another() {
    let (limits, _) = limits();
    while may(&limits, Kind::CapturePayment, "one", ONE) {}
    assert!(may(&limits, Kind::CapturePayment, "another", ONE));
    assert!(
        may(&limits, Kind::RefundPayment, "one", ONE),
        "nor from another call"
    );
    let mut other_unit = settings();
    other_unit.merchant_serial_number = "654321".to_owned();
    let limit = Limit::new(Kind::CapturePayment, "one");
    assert!(limits.take(&other_unit, &limit, ONE).is_ok());
}

#[test]
fn several_calls_are_counted_together_or_not_at_all() {
    let (limits, clock) = limits();
    let four = NonZeroU32::new(4).unwrap();
    assert!(may(&limits, Kind::ListAgreements, "", four));
    assert!(!may(&limits, Kind::ListAgreements, "", four), "one is left");
    clock.advance(3 * MINUTE);
    assert!(
        may(&limits, Kind::ListAgreements, "", four),
        "the refusal used up none"
    );
}

#[test]
fn what_nobody_calls_any_more_is_forgotten() {
    let (limits, clock) = limits();
    for number in 1..SWEEP_EVERY {
        assert!(may(&limits, Kind::GetPayment, &number.to_string(), ONE));
    }
    clock.advance(2 * MINUTE);
    assert!(may(&limits, Kind::GetPayment, "last", ONE));
    assert!(limits.reads.len() <= 1);
}

//! How often a payment is asked about, where its provider counts (CONTRACT 8.10): pure but for its
//! memory.
//!
//! Every question of the last hour is remembered with who asked, so that no hour, wherever it begins,
//! has more than the provider allows. A rate limiter that refills evenly would have to give up half
//! of it for the same promise. Each process counts for itself: where several run, or one starts
//! anew, the provider's own refusal is the backstop, and that is no answer. What must never live
//! here: a provider's numbers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::{InquiryBudget, PaymentRef};

const HOUR: TimeDelta = TimeDelta::hours(1);
/// The timer's first wait; it doubles with each of its questions in the hour.
const TIMER_WAIT_SECONDS: i64 = 30;
const LONGEST_TIMER_WAIT_SECONDS: i64 = 15 * 60;
/// The first sweep; later ones come when twice as many are kept as the last one left.
const FIRST_SWEEP: usize = 10_000;

/// Who wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// Something happened: a callback came, or we did something at the provider.
    Happening,
    /// A page or a browser, as often as somebody pleases.
    Browser,
    /// Nobody in particular: the timer. It comes again.
    Timer,
}

#[derive(Default)]
pub(super) struct Budgets(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    questions: HashMap<PaymentRef, VecDeque<Question>>,
    swept_to: usize,
}

#[derive(Clone, Copy)]
struct Question {
    asker: Asker,
    at: DateTime<Utc>,
}

impl Budgets {
    /// Whether `asker` may ask now; if so, the question is counted.
    pub(super) fn spend(
        &self,
        payment: PaymentRef,
        budget: InquiryBudget,
        asker: Asker,
        now: DateTime<Utc>,
    ) -> bool {
        self.with(payment, now, |questions| {
            let may = may_ask(questions, budget, asker, now);
            if may {
                questions.push_back(Question { asker, at: now });
            }
            may
        })
    }

    /// Whether `asker` may ask now; nothing is counted.
    pub(super) fn allows(
        &self,
        payment: PaymentRef,
        budget: InquiryBudget,
        asker: Asker,
        now: DateTime<Utc>,
    ) -> bool {
        self.with(payment, now, |questions| {
            may_ask(questions, budget, asker, now)
        })
    }

    /// Counts a question that an operation asks by itself, before or after it does something.
    pub(super) fn note(&self, payment: PaymentRef, now: DateTime<Utc>) {
        let asker = Asker::Happening;
        self.with(payment, now, |questions| {
            questions.push_back(Question { asker, at: now });
        });
    }

    fn with<T>(
        &self,
        payment: PaymentRef,
        now: DateTime<Utc>,
        work: impl FnOnce(&mut VecDeque<Question>) -> T,
    ) -> T {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.questions.len() >= kept.swept_to.saturating_mul(2).max(FIRST_SWEEP) {
            kept.questions.retain(|_, questions| {
                forget_old(questions, now);
                !questions.is_empty()
            });
            kept.swept_to = kept.questions.len();
        }
        let questions = kept.questions.entry(payment).or_default();
        forget_old(questions, now);
        work(questions)
    }
}

fn forget_old(questions: &mut VecDeque<Question>, now: DateTime<Utc>) {
    questions.retain(|question| now.signed_duration_since(question.at) < HOUR);
}

fn may_ask(
    questions: &VecDeque<Question>,
    budget: InquiryBudget,
    asker: Asker,
    now: DateTime<Utc>,
) -> bool {
    let count = |wanted: &dyn Fn(&Question) -> bool| {
        let found = questions.iter().filter(|question| wanted(question)).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    let all = count(&|_| true);
    match asker {
        Asker::Happening => all < budget.per_hour,
        Asker::Browser => {
            let own = count(&|question| question.asker == Asker::Browser);
            all < budget.per_hour && own < budget.per_hour.saturating_sub(budget.reserved)
        }
        Asker::Timer => {
            // Half of what is reserved stays for what happens.
            let ceiling = budget.per_hour.saturating_sub(budget.reserved / 2);
            let own = count(&|question| question.asker == Asker::Timer);
            let last = questions
                .iter()
                .rfind(|question| question.asker == Asker::Timer);
            let waited = last.is_none_or(|last| now.signed_duration_since(last.at) >= wait(own));
            all < ceiling && waited
        }
    }
}

/// How long the timer waits after its `asked` questions of the last hour: with these waits it asks
/// eight times in an hour at most, first soon and then every quarter of it.
fn wait(asked: u32) -> TimeDelta {
    let seconds = 2_i64
        .checked_pow(asked)
        .and_then(|factor| TIMER_WAIT_SECONDS.checked_mul(factor))
        .unwrap_or(LONGEST_TIMER_WAIT_SECONDS)
        .min(LONGEST_TIMER_WAIT_SECONDS);
    TimeDelta::seconds(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NEXI_LIKE: InquiryBudget = InquiryBudget {
        per_hour: 30,
        reserved: 10,
    };

    fn payment() -> PaymentRef {
        PaymentRef(Uuid::from_u128(7))
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    /// Who of those that ask at these seconds was let through.
    fn asked(budgets: &Budgets, asker: Asker, seconds: impl Iterator<Item = i64>) -> Vec<i64> {
        seconds
            .filter(|second| budgets.spend(payment(), NEXI_LIKE, asker, at(*second)))
            .collect()
    }

    #[test]
    fn a_browser_that_asks_every_minute_leaves_ten_for_what_happens() {
        let budgets = Budgets::default();
        let minutes = || (0..60).map(|minute| minute * 60);
        assert_eq!(asked(&budgets, Asker::Browser, minutes()).len(), 20);
        let callbacks = asked(&budgets, Asker::Happening, (0..60).map(|_| 3_599));
        assert_eq!(callbacks.len(), 10);
    }

    #[test]
    fn no_hour_has_more_than_the_provider_allows_wherever_it_begins() {
        let budgets = Budgets::default();
        let mut all = Vec::new();
        for second in (0..4 * 3_600).step_by(20) {
            for asker in [Asker::Browser, Asker::Timer, Asker::Happening] {
                all.extend(asked(&budgets, asker, std::iter::once(second)));
            }
        }
        for start in &all {
            let in_hour = all
                .iter()
                .filter(|at| (*start..start + 3_600).contains(*at));
            assert!(in_hour.count() <= 30, "from {start}");
        }
    }

    #[test]
    fn what_was_asked_an_hour_ago_counts_no_more() {
        let budgets = Budgets::default();
        assert_eq!(asked(&budgets, Asker::Happening, 0..40).len(), 30);
        assert_eq!(
            asked(&budgets, Asker::Happening, 3_590..3_610),
            [
                3_600, 3_601, 3_602, 3_603, 3_604, 3_605, 3_606, 3_607, 3_608, 3_609
            ]
        );
    }

    #[test]
    fn the_timer_asks_soon_and_then_every_quarter_of_an_hour() {
        let budgets = Budgets::default();
        let seconds = asked(&budgets, Asker::Timer, (0..2 * 3_600).step_by(5));
        assert_eq!(&seconds[..6], [0, 60, 180, 420, 900, 1_800]);
        for start in &seconds {
            let in_hour = seconds
                .iter()
                .filter(|at| (*start..start + 3_600).contains(*at));
            assert!(in_hour.count() <= 8, "{seconds:?}");
        }
        assert!(seconds.windows(2).all(|pair| pair[1] - pair[0] <= 900));
    }

    #[test]
    fn the_timer_leaves_half_of_the_reserve_to_what_happens() {
        let budgets = Budgets::default();
        assert_eq!(asked(&budgets, Asker::Happening, 0..25).len(), 25);
        assert!(asked(&budgets, Asker::Timer, 25..1_000).is_empty());
        assert_eq!(asked(&budgets, Asker::Happening, 1_000..1_100).len(), 5);
    }

    #[test]
    fn an_operation_that_looks_for_itself_counts_too() {
        let budgets = Budgets::default();
        for _ in 0..12 {
            budgets.note(payment(), at(0));
        }
        assert_eq!(asked(&budgets, Asker::Happening, 1..60).len(), 18);
    }

    #[test]
    fn payments_that_nobody_asks_about_any_more_are_forgotten() {
        let budgets = Budgets::default();
        for number in (0_u128..).take(FIRST_SWEEP) {
            let payment = PaymentRef(Uuid::from_u128(number));
            assert!(budgets.spend(payment, NEXI_LIKE, Asker::Browser, at(0)));
        }
        assert!(budgets.spend(payment(), NEXI_LIKE, Asker::Browser, at(3_600)));
        assert_eq!(budgets.0.lock().unwrap().questions.len(), 1);
    }
}

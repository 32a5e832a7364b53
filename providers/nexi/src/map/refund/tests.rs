//! What is promised of refunds: how an amount is spread over charges, and what a repetition finds.

use super::*;
use mcpay_port::OperationId;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn operation(id: u128) -> Operation {
    Operation {
        id: OperationId(Uuid::from_u128(id)),
        number: 100_000_000_000,
    }
}

fn charge(number: usize) -> String {
    format!("01ee000060f1b2196937598058c4e{number:03}")
}

/// As Nexi lists a refund; `mark` is the reference of its line.
fn refund(amount: i64, state: &str, mark: Option<&str>) -> Value {
    let lines = mark.map(|mark| json!([{ "reference": mark, "grossTotalAmount": amount }]));
    json!({ "refundId": "r", "amount": amount, "state": state, "orderItems": lines })
}

fn payment(charges: &[i64], refunds: &[Value]) -> Payment {
    let charges: Vec<Value> = charges
        .iter()
        .enumerate()
        .map(|(number, amount)| json!({ "chargeId": charge(number), "amount": amount }))
        .collect();
    serde_json::from_value(json!({ "charges": charges, "refunds": refunds })).unwrap()
}

fn mark_of(id: u128, number: usize) -> String {
    mark(operation(id), &charge(number))
}

fn shares(plan: Result<Plan<'_>, ProviderError>) -> Vec<(String, i64)> {
    let Ok(Plan::Send { shares, .. }) = plan else {
        panic!("something was to be sent: {plan:?}");
    };
    let owned = |share: &Share<'_>| (share.charge.to_owned(), share.amount);
    shares.iter().map(owned).collect()
}

fn code(plan: Result<Plan<'_>, ProviderError>) -> (bool, Option<String>) {
    let error = plan.unwrap_err();
    (error.may_have_happened(), error.failure().code.clone())
}

#[test]
fn one_charge_is_refunded_and_nexi_tells_whether_so_much_is_left() {
    let earlier = [refund(34_900, "Completed", None)];
    for refunds in [&[][..], &earlier] {
        let payment = payment(&[34_900], refunds);
        let sent = shares(plan(&payment, operation(1), 4_900));
        assert_eq!(sent, [(charge(0), 4_900)]);
    }
}

#[test]
fn a_charge_that_has_enough_is_enough() {
    let payment = payment(&[10_000, 24_900], &[]);
    let sent = shares(plan(&payment, operation(1), 20_000));
    assert_eq!(sent, [(charge(1), 20_000)]);
}

#[test]
fn a_refund_of_more_than_any_charge_is_spread() {
    let payment = payment(&[10_000, 24_900], &[]);
    let sent = shares(plan(&payment, operation(1), 30_000));
    assert_eq!(sent, [(charge(0), 10_000), (charge(1), 20_000)]);
}

#[test]
fn earlier_refunds_are_taken_from_the_charge_they_name_and_others_from_the_first() {
    let named = [refund(24_000, "Completed", Some(&mark_of(9, 1)))];
    let payment_1 = payment(&[10_000, 24_900], &named);
    let sent = shares(plan(&payment_1, operation(1), 10_900));
    assert_eq!(sent, [(charge(0), 10_000), (charge(1), 900)]);
    let foreign = [refund(9_000, "Pending", Some("SKU-1"))];
    let payment_2 = payment(&[10_000, 24_900], &foreign);
    let sent = shares(plan(&payment_2, operation(1), 25_900));
    assert_eq!(sent, [(charge(0), 1_000), (charge(1), 24_900)]);
}

#[test]
fn what_this_operation_asked_for_before_is_not_asked_again() {
    for (state, progress) in [
        ("Completed", Progress::Done),
        ("Pending", Progress::Accepted),
        ("Resting", Progress::Accepted),
    ] {
        let payment = payment(&[34_900], &[refund(4_900, state, Some(&mark_of(1, 0)))]);
        let settled = plan(&payment, operation(1), 4_900);
        assert_eq!(settled, Ok(Plan::Settled(progress)), "{state}");
    }
}

#[test]
fn a_spread_refund_goes_on_where_it_was_cut_off() {
    let sent = [refund(10_000, "Pending", Some(&mark_of(1, 0)))];
    let payment = payment(&[10_000, 24_900], &sent);
    let Ok(Plan::Send { shares, resumed }) = plan(&payment, operation(1), 30_000) else {
        panic!("the second part was to be sent");
    };
    assert!(resumed);
    let charge = charge(1);
    let (charge, amount) = (charge.as_str(), 20_000);
    assert_eq!(shares, [Share { charge, amount }]);
}

#[test]
fn a_refund_that_nexi_could_not_carry_out_did_not_happen() {
    for state in ["Failed", "cancelled", "Expired"] {
        let payment = payment(&[34_900], &[refund(4_900, state, Some(&mark_of(1, 0)))]);
        let failed = code(plan(&payment, operation(1), 4_900));
        assert_eq!(failed, (false, Some("refund_failed".to_owned())), "{state}");
        assert!(plan(&payment, operation(2), 34_900).is_ok(), "{state}");
    }
    let half = [
        refund(10_000, "Completed", Some(&mark_of(1, 0))),
        refund(20_000, "Failed", Some(&mark_of(1, 1))),
    ];
    let payment = payment(&[10_000, 24_900], &half);
    assert!(code(plan(&payment, operation(1), 30_000)).0);
}

#[test]
fn more_than_there_is_is_refused() {
    let nothing = payment(&[], &[]);
    let refused = code(plan(&nothing, operation(1), 1));
    assert_eq!(refused, (false, Some("nothing_charged".to_owned())));
    let single = payment(&[34_900], &[]);
    let both = payment(&[100, 200], &[refund(300, "Pending", Some(&mark_of(9, 1)))]);
    for (payment, amount) in [(single, 34_901), (both, 300)] {
        let refused = code(plan(&payment, operation(1), amount));
        assert_eq!(refused, (false, Some("amount_too_high".to_owned())));
    }
}

#[test]
fn with_several_charges_a_refund_without_a_line_could_be_this_one() {
    let payment = payment(&[100, 200], &[refund(50, "Completed", None)]);
    assert!(
        plan(&payment, operation(1), 10)
            .unwrap_err()
            .may_have_happened()
    );
}

#[test]
fn every_part_has_a_key_of_its_own_that_nexi_takes() {
    let key = |id, charge: &str| Share { charge, amount: 1 }.key(operation(id));
    let uuid = "02540000-61f2-a5bf-3e5b-4e8a1cd3e487";
    let keys = [
        key(u128::MAX, uuid),
        key(u128::MAX, &charge(1)),
        key(7, &charge(1)),
        key(7, &charge(2)),
    ];
    for (index, key) in keys.iter().enumerate() {
        assert!((2..=63).contains(&key.len()), "{key}");
        assert!(key.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(!keys.iter().skip(index + 1).any(|other| other == key));
    }
}

fn seen_of(payment: &Payment) -> Vec<(OperationId, [i64; 3])> {
    let minors = |seen: &RefundSeen| [seen.completed, seen.pending, seen.failed].map(Money::minor);
    seen(payment, Currency::NOK)
        .iter()
        .map(|seen| (seen.operation, minors(seen)))
        .collect()
}

#[test]
fn our_refunds_are_told_by_their_operation_with_what_became_of_each_part() {
    let payment = payment(
        &[500, 500, 500],
        &[
            refund(100, "Completed", Some(&mark_of(1, 0))),
            refund(200, "Pending", Some(&mark_of(2, 1))),
            refund(30, "Completed", Some(&mark_of(2, 0))),
            refund(7, "Failed", Some(&mark_of(3, 0))),
            refund(9, "cancelled", Some(&mark_of(4, 0))),
            refund(11, "Rewired", Some(&mark_of(5, 0))),
        ],
    );
    let told = |id| operation(id).id;
    assert_eq!(
        seen_of(&payment),
        [
            (told(1), [100, 0, 0]),
            (told(2), [30, 200, 0]),
            (told(3), [0, 0, 7]),
            (told(4), [0, 0, 9]),
            (told(5), [0, 11, 0]),
        ]
    );
}

#[test]
fn refunds_that_others_made_are_not_taken_for_ours() {
    let own = operation(1).id.to_string();
    for mark in [
        "",
        "SKU-1",
        "é",
        own.as_str(),
        &format!("{own}+x"),
        &"-".repeat(60),
    ] {
        let payment = payment(&[500], &[refund(100, "Failed", Some(mark))]);
        assert_eq!(seen_of(&payment), [], "{mark}");
    }
    assert_eq!(
        seen_of(&payment(&[500], &[refund(100, "Failed", None)])),
        []
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Every refund is tried twice, as after a lost answer, and each try may be cut off early.
    #[test]
    fn repeated_and_interrupted_refunds_give_back_their_amount_once(
        charges in prop::collection::vec(1_i64..500, 1..5),
        wishes in prop::collection::vec((1_i64..700, 0_usize..5), 1..6),
    ) {
        let mut list: Vec<Value> = Vec::new();
        let total: i64 = charges.iter().sum();
        let sum = |list: &[Value], id: u128| -> i64 {
            let start = mark(operation(id), "");
            list.iter()
                .filter(|each| mark_in(each).starts_with(&start))
                .map(|each| each["amount"].as_i64().unwrap())
                .sum()
        };
        for (id, (amount, cut_off)) in (1_u128..).zip(wishes) {
            for sends in [cut_off, usize::MAX] {
                let payment = payment(&charges, &list);
                let Ok(Plan::Send { shares, .. }) = plan(&payment, operation(id), amount) else {
                    continue;
                };
                for share in shares.iter().take(sends) {
                    let left = left_of(&charges, &list, share.charge);
                    prop_assume!(share.amount <= left); // Nexi refuses; the plan ends there.
                    let mark = share.mark(operation(id));
                    list.push(refund(share.amount, "Completed", Some(&mark)));
                }
            }
            prop_assert!(sum(&list, id) == amount || sum(&list, id) == 0);
        }
        let all: i64 = list.iter().map(|each| each["amount"].as_i64().unwrap()).sum();
        prop_assert!(all <= total);
    }
}

fn mark_in(refund: &Value) -> &str {
    refund["orderItems"][0]["reference"].as_str().unwrap()
}

/// What Nexi would still refund of a charge.
fn left_of(charges: &[i64], list: &[Value], id: &str) -> i64 {
    let numbered = charges.iter().enumerate();
    let whole: i64 = numbered
        .filter(|(number, _)| charge(*number) == id)
        .map(|(_, amount)| amount)
        .sum();
    let refunded: i64 = list
        .iter()
        .filter(|each| mark_in(each).ends_with(id))
        .map(|each| each["amount"].as_i64().unwrap())
        .sum();
    whole - refunded
}

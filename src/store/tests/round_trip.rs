//! Whatever a payment or an event is, it comes back as it was.

use chrono::{DateTime, TimeDelta, Utc};
use mcpay_port::{Currency, Flow, Money, NextStep, PaymentMethod, ProviderRef, View};
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::on_both_databases;
use super::world::{Shop, World};
use crate::catalogue::CouponRef;
use crate::events::ports::EventStore as _;
use crate::payments::payment::{Payment, ProfileAsked, Reason, Status};
use crate::payments::ports::{Begun, Change, PaymentStore as _, Saved};

/// Times with every fraction from whole seconds to single microseconds.
fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (
        0_i64..4_000_000_000,
        prop::sample::select(vec![0, 1, 10, 100_000, 123_456, 999_999]),
    )
        .prop_map(|(seconds, micros)| {
            DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds) + TimeDelta::microseconds(micros)
        })
}

fn reason() -> impl Strategy<Value = Reason> {
    prop::sample::select(vec![
        Reason::Cancel,
        Reason::Declined,
        Reason::Expired,
        Reason::Error,
    ])
}

fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(vec![
        Status::Initiated,
        Status::Unknown,
        Status::Authorized,
        Status::Captured,
        Status::Refunded,
        Status::Cancelled,
        Status::Failed,
        Status::Expired,
    ])
}

fn next_step() -> impl Strategy<Value = NextStep> {
    prop_oneof![
        "[a-zA-Z0-9:/?&=æøå]{0,40}".prop_map(NextStep::Redirect),
        ("[a-z:/.]{0,30}", "[a-z]{2}-[A-Z]{2}").prop_map(|(script_url, culture)| {
            NextStep::Seamless(View::Payex {
                script_url,
                culture,
            })
        }),
    ]
}

/// What can be asked for.
fn asked(shop: &Shop) -> impl Strategy<Value = Payment> + use<> {
    let shop = shop.clone();
    let words = (".{0,60}", "[^\0]{1,100}", option::of("[^\0]{0,80}"));
    (
        prop::sample::select(PaymentMethod::ALL.to_vec()),
        prop::sample::select(vec![Flow::Seamless, Flow::Redirect]),
        prop::sample::select(vec!["NOK", "JPY", "BHD"]),
        (0..=i64::MAX, 0..=100_i64),
        option::of(("[A-Z]{1,10}", any::<i64>())),
        words,
        (time(), time()),
    )
        .prop_map(
            move |(method, flow, code, (amount, vat), coupon, words, times)| {
                let currency = Currency::from_code(code).unwrap();
                let mut payment = shop.payment(&words.1);
                payment.method = method;
                payment.flow = flow;
                payment.amount = Money::new(amount, currency);
                payment.vat = Money::new(amount.min(vat), currency);
                payment.amounts = crate::payments::payment::Amounts::none(currency);
                payment.reserved = crate::payments::payment::Reserved::none(currency);
                payment.coupon = coupon.map(|(code, number)| CouponRef { code, number });
                payment.description = words.0.replace('\0', "");
                payment.return_url = words.2;
                (payment.created_at, payment.pay_before) = times;
                payment.due_at = (amount % 2 == 0).then_some(times.1);
                payment
            },
        )
}

/// What can become of it.
fn became(payment: Payment) -> impl Strategy<Value = Payment> {
    let total = payment.amount.minor();
    (
        (status(), option::of(reason()), option::of(reason())),
        (0..=total, 0..=1000_i64, 0..=1000_i64, 0..=1000_i64),
        (option::of("[^\0]{1,60}"), option::of(next_step())),
        (option::of(time()), option::of(time()), option::of(time())),
        (0..=i32::MAX, time()),
    )
        .prop_map(
            move |(states, amounts, outside, times, (inquiries, pay_before))| {
                let mut payment = payment.clone();
                let money = |minor| Money::new(minor, payment.amount.currency());
                let captured = amounts.1.min(amounts.0);
                payment.amounts.authorized = money(amounts.0);
                payment.amounts.captured = money(captured);
                payment.amounts.cancelled = money(amounts.2.min(amounts.0 - captured));
                payment.amounts.refunded = money(amounts.3.min(captured));
                (payment.status, payment.reason, payment.closing) = states;
                payment.provider_ref = outside.0.map(ProviderRef);
                payment.next_step = outside.1;
                (payment.authorized_at, payment.ended_at, payment.inquire_at) = times;
                payment.inquiries = inquiries;
                payment.profile = [None, Some(ProfileAsked::Asked), Some(ProfileAsked::Known)]
                    [usize::try_from(inquiries % 3).unwrap()];
                payment.pay_before = pay_before;
                payment
            },
        )
}

on_both_databases! {
    async fn every_payment_comes_back_as_it_was_begun_and_as_it_was_saved(world: World) {
        let shop = world.client("no.example").await;
        let mut runner = TestRunner::deterministic();
        for at in 0..60 {
            let mut payment = asked(&shop).new_tree(&mut runner).unwrap().current();
            payment.external_reference = format!("{at}{}", payment.external_reference);
            let intent = Shop::intent_of(payment);
            assert_eq!(world.store.begin(&intent).await, Ok(Begun::Begun), "{intent:?}");
            let reference = intent.payment.reference;
            let found = world.store.find_payment(reference).await;
            assert_eq!(found, Ok(Some(intent.payment.clone())));

            let later = became(intent.payment).new_tree(&mut runner).unwrap().current();
            assert_eq!(world.store.save(&Change::of(later.clone())).await, Ok(Saved::Saved));
            let found = world.store.find_payment(reference).await;
            assert_eq!(found, Ok(Some(Payment { version: 1, ..later })));
        }
    }

    async fn an_event_comes_back_as_it_was_told(world: World) {
        let shop = world.client("no.example").await;
        let intent = shop.intent("order-æøå \"'\\ \u{1F600}");
        world.store.begin(&intent).await.unwrap();
        assert_eq!(world.store.find_unpublished(10).await, Ok(intent.events));
    }

    async fn what_is_finer_than_a_microsecond_is_cut(world: World) {
        let shop = world.client("no.example").await;
        let mut payment = shop.payment("order-1");
        payment.created_at += TimeDelta::nanoseconds(999);
        let begun = Shop::intent_of(payment.clone());
        world.store.begin(&begun).await.unwrap();
        let found = world.store.find_payment(payment.reference).await.unwrap().unwrap();
        assert_eq!(found.created_at, payment.created_at - TimeDelta::nanoseconds(999));
    }
}

//! Lists: filters, and pages that stay as they are while payments begin.

use chrono::{SecondsFormat, TimeDelta};
use mcpay::ports::Clock as _;
use serde_json::{Value, json};

use super::merchant::Merchant;
use crate::on_both_databases;
use crate::support::world::World;

/// Starts `count` payments, the newest first.
async fn starts(world: &World, count: usize) -> Vec<String> {
    let mut references = Vec::new();
    for _ in 0..count {
        references.insert(0, world.starts_payment().await.reference);
    }
    references
}

fn references(page: &Value) -> Vec<String> {
    let payments = page["payments"].as_array().expect("payments").iter();
    payments
        .map(|payment| payment["mcPayRef"].as_str().unwrap().to_owned())
        .collect()
}

on_both_databases! {
    async fn pages_are_the_newest_first_and_stay_stable_while_payments_begin(world) {
        let merchant = Merchant::of(world).await;
        let all = starts(world, 7).await;

        let mut seen = Vec::new();
        let mut path = "payment?limit=3".to_owned();
        loop {
            let page = merchant.gets(&path).await.expect(200).json();
            seen.extend(references(&page));
            let Some(next) = page["next"].as_str() else { break };
            world.starts_payment().await;
            path = format!("payment?limit=3&after={next}");
        }

        assert_eq!(seen, all);
    }

    async fn a_full_last_page_has_no_next(world) {
        let merchant = Merchant::of(world).await;
        starts(world, 2).await;
        let page = merchant.gets("payment?limit=2").await.expect(200).json();
        assert_eq!(references(&page).len(), 2);
        assert!(page.get("next").is_none(), "{page}");
    }

    async fn a_list_is_filtered_by_reference_and_status(world) {
        let merchant = Merchant::of(world).await;
        let paid = merchant.has_authorized().await;
        let named = world.starts(json!({ "externalReference": "order/17 b" })).await;
        let given_up = world.starts_payment().await;
        world.payer_cancels(&given_up).await;
        world.completes(&given_up).await;

        for (query, expected) in [
            ("externalReference=order%2F17+b", &named),
            ("status=pending", &named),
            ("status=success", &paid),
            ("status=failure", &given_up),
        ] {
            let page = merchant.gets(&format!("payment?{query}")).await.expect(200).json();
            assert_eq!(references(&page), std::slice::from_ref(&expected.reference), "{query}");
        }
        let none = merchant.gets("payment?externalReference=nobody").await.expect(200).json();
        assert_eq!(none, json!({ "payments": [] }));
    }

    async fn a_list_is_filtered_by_the_time_a_payment_began(world) {
        let merchant = Merchant::of(world).await;
        let early = world.starts_payment().await;
        world.clock.advance(TimeDelta::minutes(10));
        let between = world.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        world.clock.advance(TimeDelta::minutes(10));
        let late = world.starts_payment().await;

        let page = merchant.gets(&format!("payment?from={between}")).await.expect(200).json();
        assert_eq!(references(&page), [late.reference]);
        let page = merchant.gets(&format!("payment?to={between}")).await.expect(200).json();
        assert_eq!(references(&page), [early.reference]);
    }

    async fn every_broken_parameter_is_told_at_once(world) {
        let merchant = Merchant::of(world).await;
        let problem = merchant.gets("payment?status=paid&limit=0&from=today&after=x").await.problem(400);
        let fields: Vec<_> = problem["errors"].as_array().unwrap().iter()
            .map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["status", "limit", "from", "after"]);
    }
}

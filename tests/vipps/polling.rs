//! Where no webhook comes and nobody returns, the service asks: often while the payer is likely to
//! act, and then less.

use std::time::Duration;

use chrono::TimeDelta;
use mcpay::ports::Clock as _;
use serde_json::json;

use super::stage::{SOON, one_time, subscription};
use crate::on_both_databases;
use crate::support::witness::wait_for;

on_both_databases! {
    async fn an_approval_that_nobody_tells_is_known_within_30_seconds(world) {
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        let payments = [world.starts(one_time()).await, world.starts(subscription()).await];
        for payment in &payments {
            world.payer_approves(payment).await;
        }
        for payment in &payments {
            world.becomes(payment, "success", Duration::from_secs(30)).await;
        }
    }

    async fn a_payer_who_thinks_it_over_is_asked_about_every_ten_seconds(world) {
        world.provider_behaves(json!({ "dropCallbacks": true })).await;
        let payment = world.starts(one_time()).await;
        for minute in 1..=3 {
            world.clock.advance(TimeDelta::seconds(60));
            world.provider_sees(&payment.reference, "inquire", minute).await;
            let next = wait_for("the next look is planned", SOON, async || {
                let stored = world.stored(&payment).await;
                stored.inquire_at.filter(|next| *next > world.clock.now())
            })
            .await;
            assert!(next <= world.clock.now() + TimeDelta::seconds(10), "{next}");
        }
        world.payer_approves(&payment).await;
        world.becomes(&payment, "success", Duration::from_secs(30)).await;
    }
}

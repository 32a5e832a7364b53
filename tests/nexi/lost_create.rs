//! A create whose answer never came: Nexi takes no key for it, so it is never sent again, and its id
//! comes from a webhook or not at all (CONTRACT 8.11).

use chrono::TimeDelta;

use super::{SOON, at_nexi, redirect, seamless};
use crate::on_both_databases;
use crate::support::world::Wish;
use crate::unknown_outcomes::loses_the_answer_to;

on_both_databases! {
    with Wish { breakable_provider: true, ..Wish::default() };

    async fn nexis_own_webhook_brings_the_id_of_a_lost_create(world) {
        let (payment, _) = loses_the_answer_to(world, redirect()).await;
        assert_eq!(payment.answer["code"], "outcome_unknown");

        world.payer_approves(&payment).await;

        world.becomes(&payment, "success", SOON).await;
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.unknown", "payment.authorized"]
        );
        assert_eq!(world.count_calls(&payment.reference, "initiate").await, 1);
        assert_eq!(at_nexi(world, &payment).await["summary"]["reservedAmount"], 34_900);
    }

    async fn without_a_webhook_a_lost_create_ends_after_a_minute(world) {
        let mut wish = seamless(world);
        wish["externalReference"] = "lost-and-silent".into();
        let silent = serde_json::json!({ "dropCallbacks": true });
        world.provider_behaves(silent).await;
        let (payment, _) = loses_the_answer_to(world, wish).await;

        world.clock.advance(TimeDelta::seconds(61));

        assert_eq!(world.becomes(&payment, "failure", SOON).await["reason"], "error");
        assert_eq!(
            world.events_of(&payment).await,
            ["payment.initiated", "payment.unknown", "payment.failed"]
        );
        assert_eq!(world.provider_saw(&payment.reference).await, ["initiate"]);
    }
}

//! What the answers of the client API must not hold.

use serde_json::json;

use super::merchant::{Merchant, subscription};
use crate::on_both_databases;

const PHONE: &str = "41234567";

on_both_databases! {
    async fn no_answer_and_no_event_holds_personal_data_or_a_token(world) {
        let merchant = Merchant::of(world).await;
        let mut claims = subscription();
        claims["phoneNumber"] = json!(PHONE);
        let first = world.starts(claims).await;
        world.payer_approves(&first).await;
        world.completes(&first).await;
        let captured = merchant.does("capture", &first, json!({})).await.expect(200).text;
        let read = merchant.reads(&first).await;
        let agreement = read["agreementId"].as_str().expect("an agreement");
        let charged = merchant.charges(agreement, json!({})).await.expect(200).text;
        let told = [
            read.to_string(),
            captured,
            charged,
            merchant.gets(&format!("agreement/{agreement}")).await.expect(200).text,
            merchant.gets("payment").await.expect(200).text,
            format!("{:?}", world.event_bodies_of(&first).await),
        ];

        let stored = world.stored(&first).await;
        let provider_ref = stored.provider_ref.expect("a provider's id");
        let secrets = [PHONE, &stored.return_key.0, provider_ref.as_str(), &merchant.backend.token];
        for text in &told {
            for secret in secrets {
                assert!(!text.contains(secret), "{secret} is in {text}");
            }
        }
    }
}

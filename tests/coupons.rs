//! Coupons as a backend sees them (CONTRACT 5): what is sold now, and at which price.

use chrono::{Duration, SecondsFormat};
use mcpay::ports::Clock as _;
use serde_json::json;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;

const LIST: &str = "/capi/v1/client/coupon/TOTT";
const PRICE: &str = "/capi/v1/client/coupon/price";

on_both_databases! {
    async fn a_backend_lists_the_coupons_of_a_product(world) {
        let backend = world.backend().await;
        let listed = backend.get(LIST).await.expect(200).json();
        assert_eq!(listed, json!({ "coupons": [{
            "couponCode": "TOTT", "couponNumber": 1, "product": "TOTT",
            "description": "Digital subscription, monthly",
            "couponPrice": "349.00", "startPrice": "1.00", "currency": "NOK", "vatPercent": "25",
            "periodLength": "1", "periodType": "months",
            "renewal": { "renewalPrice": "349.00", "periodLength": "1", "periodType": "months" },
        }] }));
        backend.get("/capi/v1/client/coupon/NOTHING").await.problem(404);
    }

    async fn a_price_is_told_exactly_with_its_vat(world) {
        let backend = world.backend().await;
        let asked = json!({ "couponCode": "TOTT", "couponNumber": 1, "customerNumber": "7" });
        let answer = backend.post(PRICE, &asked).await.expect(200);
        for member in [
            r#""price":349.00"#, r#""vatAmount":69.80"#, r#""vatpercent":25"#,
            r#""vatInclude":true"#, r#""startPrice":1.00"#, r#""currency":"NOK""#,
            r#""companyCode":"DEMO""#, r#""customerNumber":"7""#, r#""distAmount":0.00"#,
        ] {
            assert!(answer.text.contains(member), "{member} in {}", answer.text);
        }
        let unknown = json!({ "couponCode": "TOTT", "couponNumber": 2 });
        backend.post(PRICE, &unknown).await.problem(404);
        for broken in [json!({}), json!([]), json!({ "couponCode": 1, "couponNumber": "x" })] {
            backend.post(PRICE, &broken).await.problem(400);
        }
    }

    async fn a_coupon_is_sold_within_its_time_only(world) {
        let at = |hours| {
            let time = world.clock.now() + Duration::hours(hours);
            time.to_rfc3339_opts(SecondsFormat::Secs, true)
        };
        let valid = format!("valid_from = {:?}\nvalid_until = {:?}\n", at(1), at(3));
        world.applies_at_once(&ClientFile { coupon_more: valid, ..world.client_file() }).await;
        let asked = json!({ "couponCode": "TOTT", "couponNumber": 1 });
        for is_sold in [false, true, false] {
            let backend = world.backend().await;
            let listed = backend.get(LIST).await.expect(200).json();
            assert_eq!(listed["coupons"].as_array().unwrap().len(), usize::from(is_sold));
            let price = backend.post(PRICE, &asked).await;
            assert_eq!(price.status, if is_sold { 200 } else { 404 });
            let claims = world.claims(json!({ "productSpecCode": "TOTT", "productSpecNo": 1 }));
            let answer = world.payment_init(&claims).await;
            if is_sold {
                answer.expect(200);
            } else {
                let problem = answer.problem(400);
                assert_eq!(problem["errors"][0]["field"], "productSpecCode");
                assert_eq!(problem["errors"][0]["code"], "coupon_not_valid");
            }
            world.clock.advance(Duration::hours(2));
        }
    }
}

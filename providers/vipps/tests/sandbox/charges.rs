//! Charges: when they are due, how they fail, and the money that moves.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{charge, part, world};

const DAY: i64 = 24 * 3600;

fn summary(charge: &Value) -> [i64; 3] {
    ["captured", "cancelled", "refunded"].map(|name| charge["summary"][name].as_i64().unwrap())
}

#[tokio::test]
async fn a_charge_is_taken_when_its_day_has_come() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    world
        .post(&format!("{path}/charges"), &charge("charge-0001"))
        .await;
    let one = format!("{path}/charges/charge-0001");
    assert_eq!(world.get(&one).await["status"], "DUE");
    world.clock(3 * DAY).await;
    let now = world.get(&one).await;
    assert_eq!(
        (&now["status"], summary(&now)),
        (&json!("CHARGED"), [49_900, 0, 0])
    );
    assert!(now["transactionId"].is_string());
    let events: Vec<&str> = now["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["CREATE", "CAPTURE"]);
}

#[tokio::test]
async fn a_charge_without_money_is_tried_until_its_days_are_used_up() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    let mut poor = charge("charge-0001");
    poor["amount"] = json!(151);
    world.post(&format!("{path}/charges"), &poor).await;
    let one = format!("{path}/charges/charge-0001");
    world.clock(3 * DAY).await;
    assert_eq!(world.get(&one).await["status"], "DUE");
    world.clock(5 * DAY).await;
    let now = world.get(&one).await;
    let failure = (&now["status"], &now["failureReason"]);
    assert_eq!(failure, (&json!("FAILED"), &json!("user_action_required")));
}

#[tokio::test]
async fn an_unscheduled_charge_is_taken_at_once_where_the_sales_unit_may() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    let now = json!({
        "amount": 2_500, "transactionType": "DIRECT_CAPTURE", "type": "UNSCHEDULED",
        "description": "Extra", "orderId": "charge-0001",
    });
    assert_eq!(world.post(&format!("{path}/charges"), &now).await.0, 201);
    let charge = world.get(&format!("{path}/charges/charge-0001")).await;
    assert_eq!(
        (&charge["status"], &charge["externalId"]),
        (&json!("CHARGED"), &Value::Null)
    );
    let mut poor = now.clone();
    poor["amount"] = json!(182);
    poor["orderId"] = json!("charge-0002");
    world.post(&format!("{path}/charges"), &poor).await;
    let charge = world.get(&format!("{path}/charges/charge-0002")).await;
    assert_eq!(charge["failureReason"], "non_technical_error");
}

#[tokio::test]
async fn a_charge_that_cannot_be_is_refused_by_name() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    let today = chrono::Utc::now().date_naive().to_string();
    let cases = [
        ("due", json!(today), 400, "charge-due-too-soon"),
        ("due", json!("2099-01-01"), 400, "charge-due-in-too-long"),
        ("due", json!("soon-enough"), 400, "validation-error"),
        (
            "amount",
            json!(49_900 * 5 + 1),
            400,
            "charge-amount-too-high",
        ),
        ("amount", json!(99), 400, "validation-error"),
        ("retryDays", json!(15), 400, "validation-error"),
        ("orderId", json!("order-0001-first"), 409, "conflict"),
    ];
    for (number, (field, value, expected, name)) in cases.into_iter().enumerate() {
        let mut body = charge(&format!("charge-{number:04}"));
        body[field] = value;
        let (status, problem) = world.post(&format!("{path}/charges"), &body).await;
        assert_eq!(status, expected, "{problem:#}");
        let kind = problem["type"].as_str().unwrap();
        assert!(kind.ends_with(&format!("#{name}")), "{kind}");
    }
}

#[tokio::test]
async fn a_reserved_charge_is_captured_in_parts_and_its_rest_is_cancelled() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    let first = format!("{path}/charges/order-0001-first");
    assert_eq!(
        world
            .post(&format!("{first}/capture"), &part(4_000))
            .await
            .0,
        204
    );
    assert_eq!(world.get(&first).await["status"], "PARTIALLY_CAPTURED");
    let (status, problem) = world.post(&format!("{first}/capture"), &part(6_001)).await;
    assert_eq!(status, 400);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("#charge-capture-failed")
    );
    assert_eq!(world.call(Method::DELETE, &first, None).await.0, 204);
    let now = world.get(&first).await;
    assert_eq!(
        (&now["status"], summary(&now)),
        (&json!("CHARGED"), [4_000, 6_000, 0])
    );
    assert_eq!(world.call(Method::DELETE, &first, None).await.0, 400);
    assert_eq!(
        world.post(&format!("{first}/refund"), &part(1_000)).await.0,
        204
    );
    assert_eq!(world.get(&first).await["status"], "PARTIALLY_REFUNDED");
    assert_eq!(
        world.post(&format!("{first}/refund"), &part(3_001)).await.0,
        400
    );
    assert_eq!(
        world.post(&format!("{first}/refund"), &part(3_000)).await.0,
        204
    );
    assert_eq!(world.get(&first).await["status"], "REFUNDED");
}

#[tokio::test]
async fn where_changes_are_only_accepted_they_are_carried_out_later_and_count_at_once() {
    let world = world().await;
    world
        .control(Method::PUT, "/_rules", &json!({ "acceptsOnly": true }))
        .await;
    let path = world.agreement("order-0001").await;
    let first = format!("{path}/charges/order-0001-first");
    assert_eq!(
        world
            .post(&format!("{first}/capture"), &part(6_000))
            .await
            .0,
        202
    );
    assert_eq!(summary(&world.get(&first).await), [0, 0, 0]);
    assert_eq!(
        world
            .post(&format!("{first}/capture"), &part(4_001))
            .await
            .0,
        400
    );
    world.clock(3).await;
    assert_eq!(summary(&world.get(&first).await), [6_000, 0, 0]);
}

#[tokio::test]
async fn charges_are_listed_by_status() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    world
        .post(&format!("{path}/charges"), &charge("charge-0001"))
        .await;
    let all = world.get(&format!("{path}/charges")).await;
    assert_eq!(all.as_array().unwrap().len(), 2);
    let due = world.get(&format!("{path}/charges?status=DUE")).await;
    assert_eq!(
        (due.as_array().unwrap().len(), &due[0]["id"]),
        (1, &json!("charge-0001"))
    );
}

//! Agreements: how they begin and end, and the list of them.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{charge, draft, read, world};

#[tokio::test]
async fn an_approved_draft_is_active_and_its_first_payment_reserved() {
    let world = world().await;
    let path = world.drafted(&draft("order-0001")).await;
    let before = world.get(&path).await;
    assert_eq!(
        (&before["status"], &before["start"]),
        (&json!("PENDING"), &Value::Null)
    );
    world.payer("order-0001", "approve").await;
    let now = world.get(&path).await;
    assert_eq!(
        (&now["status"], &now["externalId"]),
        (&json!("ACTIVE"), &json!("order-0001"))
    );
    let first = world.get(&format!("{path}/charges/order-0001-first")).await;
    assert_eq!(
        (&first["status"], &first["type"]),
        (&json!("RESERVED"), &json!("INITIAL"))
    );
    let by_id = world.get("/recurring/v3/charges/order-0001-first").await;
    assert_eq!(first, by_id);
}

#[tokio::test]
async fn a_rejected_draft_is_stopped_and_a_declined_first_payment_ends_it_as_expired() {
    let world = world().await;
    let path = world.drafted(&draft("order-0001")).await;
    world.payer("order-0001", "cancel").await;
    assert_eq!(world.get(&path).await["status"], "STOPPED");
    let mut poor = draft("order-0002");
    poor["initialCharge"]["amount"] = json!(151);
    poor["initialCharge"]["transactionType"] = json!("DIRECT_CAPTURE");
    let path = world.drafted(&poor).await;
    world.payer("order-0002", "approve").await;
    assert_eq!(world.get(&path).await["status"], "EXPIRED");
    let first = world.get(&format!("{path}/charges/order-0002-first")).await;
    let failure = (&first["status"], &first["failureReason"]);
    assert_eq!(failure, (&json!("FAILED"), &json!("user_action_required")));
}

#[tokio::test]
async fn a_draft_that_nobody_answers_expires_and_one_can_be_taken_back_or_accepted() {
    let world = world().await;
    let left = world.drafted(&draft("order-0001")).await;
    world.clock(601).await;
    assert_eq!(world.get(&left).await["status"], "EXPIRED");
    let stopped = world.drafted(&draft("order-0002")).await;
    let stop = json!({ "status": "STOPPED" });
    assert_eq!(
        world.call(Method::PATCH, &stopped, Some(&stop)).await.0,
        204
    );
    assert_eq!(world.get(&stopped).await["status"], "STOPPED");
    let accepted = world.drafted(&draft("order-0003")).await;
    let phone = json!({ "phoneNumber": "4712345678" });
    let accept = format!("{accepted}/accept");
    assert_eq!(
        world.call(Method::PATCH, &accept, Some(&phone)).await.0,
        204
    );
    assert_eq!(world.get(&accepted).await["status"], "ACTIVE");
}

#[tokio::test]
async fn a_payer_who_stops_in_the_app_leaves_what_is_reserved_to_the_merchant() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    let charges = format!("{path}/charges");
    world.post(&charges, &charge("charge-0001")).await;
    assert_eq!(world.payer("order-0001", "cancel").await.0, 200);
    assert_eq!(world.get(&path).await["status"], "STOPPED");
    for (id, status) in [
        ("order-0001-first", "RESERVED"),
        ("charge-0001", "CANCELLED"),
    ] {
        assert_eq!(
            world.get(&format!("{charges}/{id}")).await["status"],
            status
        );
    }
    assert_eq!(
        world.payer("order-0001", "cancel").await.0,
        409,
        "it is over"
    );
}

#[tokio::test]
async fn a_stop_stands_alone_cancels_what_is_open_and_happens_once() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    let (status, body) = world
        .post(&format!("{path}/charges"), &charge("charge-0001"))
        .await;
    assert_eq!(status, 201, "{body:#}");
    let both = json!({ "status": "STOPPED", "productName": "Other" });
    assert_eq!(world.call(Method::PATCH, &path, Some(&both)).await.0, 400);
    let stop = json!({ "status": "STOPPED" });
    assert_eq!(world.call(Method::PATCH, &path, Some(&stop)).await.0, 204);
    for id in ["order-0001-first", "charge-0001"] {
        let charge = world.get(&format!("{path}/charges/{id}")).await;
        assert_eq!(charge["status"], "CANCELLED", "{charge:#}");
    }
    let (status, problem) = world.call(Method::PATCH, &path, Some(&stop)).await;
    assert_eq!(status, 400);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("#illegal-agreement-update")
    );
    assert_eq!(
        world
            .post(&format!("{path}/charges"), &charge("charge-0002"))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn an_agreement_is_changed_where_its_pricing_allows() {
    let world = world().await;
    let path = world.agreement("order-0001").await;
    let change = json!({
        "productName": "Other", "pricing": { "amount": 25_000 },
        "interval": { "type": "RECURRING", "period": { "unit": "WEEK", "count": 2 } },
    });
    assert_eq!(world.call(Method::PATCH, &path, Some(&change)).await.0, 204);
    let now = world.get(&path).await;
    assert_eq!(
        (&now["productName"], &now["pricing"]["amount"]),
        (&json!("Other"), &json!(25_000))
    );
    assert_eq!(now["interval"]["text"], "every 2 weeks");
    let wrong = json!({ "pricing": { "suggestedMaxAmount": 25_000 } });
    assert_eq!(world.call(Method::PATCH, &path, Some(&wrong)).await.0, 400);
}

#[tokio::test]
async fn agreements_are_listed_in_pages_by_status() {
    let world = world().await;
    for number in 0..3 {
        world.agreement(&format!("active-{number:04}")).await;
        world.drafted(&draft(&format!("pending-{number:04}"))).await;
    }
    let path = "/recurring/v3/agreements?pageSize=2";
    let first = world.request(Method::GET, path).send().await.unwrap();
    let next = first.headers()["continuation-token"].clone();
    let (_, first) = read(first).await;
    assert_eq!(
        first.as_array().unwrap().len(),
        2,
        "only active ones, two on a page"
    );
    let rest = world
        .request(Method::GET, path)
        .header("Continuation-Token", next);
    let rest = rest.send().await.unwrap();
    assert!(rest.headers().get("continuation-token").is_none());
    let (_, rest) = read(rest).await;
    assert_eq!(rest[0]["externalId"], "active-0002");
    let pending = world
        .get("/recurring/v3/agreements?status=PENDING&pageNumber=2&pageSize=2")
        .await;
    assert_eq!(pending[0]["externalId"], "pending-0002");
    let later = world
        .get("/recurring/v3/agreements?createdAfter=4102444800000")
        .await;
    assert_eq!(later, json!([]));
    let (status, _) = world
        .call(Method::GET, "/recurring/v3/agreements?status=OLD", None)
        .await;
    assert_eq!(status, 400);
}

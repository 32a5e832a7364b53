//! Tokens, and charges without the payer.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{PAYEE, World, pointer, purchase, rels, transaction, world};

/// Registers a card and gives its token of a kind.
async fn token(world: &World, kind: &str) -> String {
    let mut order = purchase("V1");
    order["operation"] = json!("Verify");
    let fields = order.as_object_mut().unwrap();
    fields.remove("amount");
    fields.remove("vatAmount");
    fields.insert("generateUnscheduledToken".to_owned(), json!(true));
    fields.insert("generateRecurrenceToken".to_owned(), json!(true));
    fields.insert("payer".to_owned(), json!({ "payerReference": "payer1" }));
    let paid = world.paid(&order).await;
    assert_eq!(pointer(&paid, "/paymentOrder/amount"), 0);
    assert_eq!(
        pointer(&paid, "/paymentOrder/paid/transactionType"),
        "Verification"
    );
    assert_eq!(rels(&paid), ["redirect-checkout", "view-checkout"]);
    let tokens = pointer(&paid, "/paymentOrder/paid/tokens")
        .as_array()
        .unwrap();
    let found = tokens.iter().find(|token| token["type"] == kind).unwrap();
    assert_eq!(found["name"], "476173******0416");
    found["token"].as_str().unwrap().to_owned()
}

fn charge(kind: &str, token: &str, reference: &str, amount: i64) -> Value {
    let (operation, key) = match kind {
        "recurrence" => ("Recur", "recurrenceToken"),
        _ => ("UnscheduledPurchase", "unscheduledToken"),
    };
    json!({
        "operation": operation,
        key: token,
        "currency": "NOK",
        "amount": amount,
        "vatAmount": 0,
        "description": "Next month",
        "userAgent": "Mozilla/5.0",
        "language": "nb-NO",
        "urls": { "callbackUrl": "https://shop.example/callback" },
        "payeeInfo": {
            "payeeId": PAYEE,
            "payeeReference": reference,
            "orderReference": format!("order-{reference}"),
        },
        "payer": { "payerReference": "payer1" },
    })
}

#[tokio::test]
async fn a_token_is_charged_and_the_charge_is_then_captured() {
    let world = world().await;
    for kind in ["recurrence", "unscheduled"] {
        let world = super::world::world().await;
        let token = token(&world, kind).await;
        let body = json!({ "paymentorder": charge(kind, &token, "M1", 34900) });
        let (status, order) = world
            .call(Method::POST, "/psp/paymentorders?$expand=paid", Some(&body))
            .await;
        assert_eq!(
            (status.as_u16(), pointer(&order, "/paymentOrder/status")),
            (201, &json!("Paid"))
        );
        assert_eq!(
            pointer(&order, "/paymentOrder/paid/details/transactionInitiator"),
            "MERCHANT"
        );
        assert_eq!(rels(&order), ["cancel", "capture"]);
        let (status, _) = world
            .post(&order, "capture", &transaction("C1", 34900))
            .await;
        assert_eq!(status, 200);
        let calls = world.calls("order-M1").await;
        assert_eq!(
            calls,
            [("charge".to_owned(), 201), ("capture".to_owned(), 200)]
        );
    }
    world.sandbox.shutdown().await;
}

#[tokio::test]
async fn a_repeated_charge_is_refused_and_not_made_twice() {
    let world = world().await;
    let token = token(&world, "unscheduled").await;
    let order = charge("unscheduled", &token, "M1", 34900);
    assert_eq!(world.create(&order).await.0, 201);
    let (status, problem) = world.create(&order).await;
    assert_eq!(status, 400);
    assert!(problem.to_string().contains("already been used"));
}

#[tokio::test]
async fn magic_amounts_decline_a_charge_with_their_problem() {
    let world = world().await;
    let token = token(&world, "recurrence").await;
    for (amount, kind) in [
        (900_361, "acquirerinsufficientfunds"),
        (900_354, "acquirercardexpired"),
        (952_507, "authenticationrequired"),
        (952_400, "acquirererrordonotretry"),
        // The card is blocked from then on, whatever the amount.
        (100, "acquirererrordonotretry"),
    ] {
        let order = charge("recurrence", &token, &format!("M{amount}"), amount);
        let (status, problem) = world.create(&order).await;
        assert_eq!(status, 403);
        let kind = format!("creditcard/{kind}");
        assert!(
            problem["type"].as_str().unwrap().ends_with(&kind),
            "{problem:#}"
        );
        assert_eq!(problem.get("modification").is_some(), amount == 952_507);
    }
}

#[tokio::test]
async fn too_many_declines_suspend_the_card_after_a_warning() {
    let world = world().await;
    let token = token(&world, "unscheduled").await;
    let mut warned = 0;
    for at in 0..15 {
        let order = charge("unscheduled", &token, &format!("M{at}"), 952_100);
        let (status, problem) = world.create(&order).await;
        assert_eq!(status, 403);
        warned += u32::from(problem.pointer("/suspension/remaining").is_some());
    }
    assert_eq!(warned, 6);
    let (status, problem) = world
        .create(&charge("unscheduled", &token, "M99", 100))
        .await;
    assert_eq!(status, 403);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("monthlylimitexceeded")
    );
}

#[tokio::test]
async fn unknown_foreign_malformed_and_deleted_tokens_are_told_apart() {
    let world = world().await;
    let token = token(&world, "unscheduled").await;
    let unknown = "7e6cdfc3-1276-44e9-9992-7cf4419750e1";
    assert_eq!(
        world
            .create(&charge("unscheduled", unknown, "M1", 100))
            .await
            .0,
        404
    );
    assert_eq!(
        world
            .create(&charge("unscheduled", "no-guid", "M2", 100))
            .await
            .0,
        400
    );
    // A token of the other kind is unknown too.
    assert_eq!(
        world
            .create(&charge("recurrence", &token, "M3", 100))
            .await
            .0,
        404
    );
    let mut stranger = charge("unscheduled", &token, "M4", 100);
    stranger["payer"]["payerReference"] = json!("payer2");
    assert_eq!(world.create(&stranger).await.0, 400);

    let path = format!("/psp/paymentorders/unscheduledTokens/{token}");
    let silent = json!({ "state": "Deleted", "comment": "" });
    assert_eq!(world.call(Method::PATCH, &path, Some(&silent)).await.0, 400);
    let delete = json!({ "state": "Deleted", "comment": "The reader left" });
    let (status, body) = world.call(Method::PATCH, &path, Some(&delete)).await;
    assert_eq!((status.as_u16(), &body["token"]), (200, &json!(token)));
    assert_eq!(body["instrumentDisplayName"], "476173******0416");
    let (status, problem) = world
        .create(&charge("unscheduled", &token, "M5", 100))
        .await;
    assert_eq!(status, 422);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("paymenttokeninactive")
    );
    assert_eq!(world.call(Method::PATCH, &path, Some(&delete)).await.0, 422);
    let path = format!("/psp/paymentorders/unscheduledTokens/{unknown}");
    assert_eq!(world.call(Method::PATCH, &path, Some(&delete)).await.0, 404);
}

#[tokio::test]
async fn all_tokens_of_a_payer_are_listed_and_deleted_together() {
    let world = world().await;
    let token = token(&world, "recurrence").await;
    let path = "/psp/paymentorders/payerownedtokens/payer1";
    let (_, list) = world.call(Method::GET, path, None).await;
    assert_eq!(
        pointer(&list, "/payerOwnedTokens/tokens")
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let delete = json!({ "state": "Deleted", "comment": "The reader left" });
    assert_eq!(world.call(Method::PATCH, path, Some(&delete)).await.0, 200);
    let (_, list) = world.call(Method::GET, path, None).await;
    assert_eq!(pointer(&list, "/payerOwnedTokens/tokens"), &json!([]));
    assert_eq!(
        world
            .create(&charge("recurrence", &token, "M1", 100))
            .await
            .0,
        422
    );
}

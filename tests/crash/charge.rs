//! A charge whose owner dies while the provider is making it.

use serde_json::{Value, json};

use super::{LONG, Machines, two_hours_go_by};
use crate::support::backend::Backend;
use crate::support::database::Database;
use crate::support::witness::wait_for;

async fn read(backend: &Backend, reference: &str) -> Value {
    let path = format!("/capi/v1/client/payment/{reference}");
    backend.get(&path).await.expect(200).json()
}

/// An agreement whose first payment the payer has approved.
async fn agreement(machines: &Machines, backend: &Backend) -> String {
    let subscription = json!({
        "recurring": true, "productSpecCode": "TOTT", "productSpecNo": 1,
        "amount": null, "currency": null,
    });
    let first = machines
        .starts_with(&subscription)
        .await
        .expect("it starts");
    machines.payer_approves(&first).await;
    wait_for("it is paid", LONG, async || {
        (machines.status(&first).await["status"] == "success").then_some(())
    })
    .await;
    let agreement = read(backend, &first).await["agreementId"].clone();
    agreement.as_str().expect("an agreement").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_charge_whose_answer_was_lost_is_never_made_twice_nor_captured() {
    let database = Database::postgres().await;
    let (machines, service) = Machines::start(&database).await;
    let backend = machines.backend().await;
    let agreement = agreement(&machines, &backend).await;
    // The provider does what it is asked to, and its answer never comes.
    machines.provider_behaves(json!({ "timeoutRate": 1 })).await;
    let path = format!("/capi/v1/client/agreement/{agreement}/charge");
    let body = json!({
        "externalReference": "second-month", "amount": "349.00", "description": "December",
    });

    let charging = backend.post_with_key_or_nothing(&path, "second", &body);
    let dying = async {
        let reference = wait_for("the charge is at the provider", LONG, async || {
            let list = "/capi/v1/client/payment?externalReference=second-month";
            let found = backend.get(list).await.expect(200).json();
            let reference = found["payments"][0]["mcPayRef"].as_str()?.to_owned();
            (machines.count_calls(&reference, "charge").await > 0).then_some(reference)
        })
        .await;
        service.dies();
        reference
    };
    let (answer, reference) = tokio::join!(charging, dying);
    assert!(answer.is_none(), "nobody was there to answer");
    machines.provider_behaves(json!({ "timeoutRate": 0 })).await;
    two_hours_go_by(&database).await;
    let service = machines.restart(&database).await;

    // PayEx takes no key and tells of a charge in its answer alone: asking again could charge twice.
    let backend = machines.backend().await;
    wait_for("nobody knows what became of it", LONG, async || {
        (read(&backend, &reference).await["state"] == "unknown").then_some(())
    })
    .await;
    two_hours_go_by(&database).await;
    let over = wait_for("it is given up", LONG, async || {
        let read = read(&backend, &reference).await;
        (read["status"] == "failure").then_some(read)
    })
    .await;
    assert_eq!(
        (&over["reason"], &over["capturedAmount"]),
        (&json!("error"), &json!("0.00"))
    );
    let told = backend
        .post_with_key(&path, "second", &body)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&told["mcPayRef"], &told["status"]),
        (&json!(reference), &json!("failure"))
    );
    assert_eq!(machines.count_calls(&reference, "charge").await, 1);
    assert_eq!(machines.count_calls(&reference, "capture").await, 0);
    service.dies();
    drop(machines);
    database.remove().await;
}

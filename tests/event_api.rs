//! The client's events by cursor (CONTRACT 5 and 8.14), without a broker.

use std::time::Duration;

use serde_json::json;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::witness::wait_for;

const OTHER: &str = "no.other.paper";

on_both_databases! {
    async fn a_backend_reads_its_own_events_page_by_page_and_nobody_elses(world) {
        let other = ClientFile { client_code: OTHER.to_owned(), ..world.client_file() };
        let secret = other.oauth_secrets[0].clone();
        world.applies_at_once(&other).await;
        let (backend, stranger) = (world.backend().await, world.backend_of(OTHER, &secret).await);
        let first = world.starts_payment().await;
        let second = world.starts_payment().await;
        let read = wait_for("two events", Duration::from_secs(20), async || {
            let page = backend.get("/capi/v1/client/event").await.expect(200).json();
            (page["events"].as_array().unwrap().len() == 2).then_some(page)
        })
        .await;
        assert_eq!(read["events"][0]["subject"], first.reference);
        assert_eq!(read["events"][1]["subject"], second.reference);
        assert_eq!(read["events"][0]["type"], "payment.initiated");

        let page = backend.get("/capi/v1/client/event?limit=1").await.expect(200).json();
        assert_eq!(page["events"].as_array().unwrap().len(), 1);
        let rest = format!("/capi/v1/client/event?after={}", page["next"]);
        let rest = backend.get(&rest).await.expect(200).json();
        assert_eq!(rest["events"], json!([read["events"][1]]));
        assert_eq!(rest["next"], read["next"]);
        let none = format!("/capi/v1/client/event?after={}", read["next"]);
        let none = backend.get(&none).await.expect(200).json();
        assert_eq!(none, json!({ "events": [], "next": read["next"] }));
        let nothing = stranger.get("/capi/v1/client/event").await.expect(200).json();
        assert_eq!(nothing["events"], json!([]));
    }

    async fn a_broken_cursor_or_limit_is_told(world) {
        let backend = world.backend().await;
        for query in ["after=x", "after=-1", "limit=0", "limit=1001", "limit="] {
            let answer = backend.get(&format!("/capi/v1/client/event?{query}")).await;
            let problem = answer.problem(400);
            let field = query.split('=').next().unwrap();
            assert_eq!(problem["errors"][0]["field"], field);
        }
    }
}

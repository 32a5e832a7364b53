//! The client's events as they come (CONTRACT 5): Server-Sent Events that end in good order and go
//! on where they ended.

use std::time::Duration;

use mcpay::cli::{DEMO_CLIENT, DEMO_OAUTH_SECRET};
use reqwest::Method;
use serde_json::Value;

use crate::on_both_databases;
use crate::support::backend::Backend;
use crate::support::client_file::ClientFile;

const ADDRESS: &str = "/capi/v1/client/event/stream";
const SOON: Duration = Duration::from_secs(20);

/// One answer that is read as it comes.
struct Stream {
    response: reqwest::Response,
    read: String,
}

impl Stream {
    async fn opened(backend: &Backend, path: &str, last: Option<&str>) -> Self {
        let mut request = backend.request(Method::GET, path);
        // A caller that takes compressed answers must not wait for a full block.
        request = request.header("accept-encoding", "gzip, br");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("the service answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            read: String::new(),
        }
    }

    /// The next message with an id; `None` when the answer is over.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((message, rest)) = self.read.split_once("\n\n") {
                let (message, rest) = (message.to_owned(), rest.to_owned());
                self.read = rest;
                if let Some(message) = message.strip_prefix("id: ") {
                    let (id, data) = message.split_once("\ndata: ").expect("id and data");
                    return Some((id.to_owned(), serde_json::from_str(data).expect("JSON")));
                }
            }
            let chunk = tokio::time::timeout(SOON, self.response.chunk());
            let chunk = chunk
                .await
                .expect("a message or the end")
                .expect("an unbroken line")?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

on_both_databases! {
    async fn a_backend_hears_of_each_change_and_goes_on_where_it_was(world) {
        let backend = world.backend().await;
        let mut stream = Stream::opened(&backend, ADDRESS, None).await;
        let payment = world.starts_payment().await;
        let (first, event) = stream.next().await.expect("an event");
        assert_eq!(event["type"], "payment.initiated");
        assert_eq!(event["subject"], payment.reference);

        world.payer_approves(&payment).await;
        let (_, event) = stream.next().await.expect("an event");
        assert_eq!(event["type"], "payment.authorized");

        for mut again in [
            Stream::opened(&backend, ADDRESS, Some(&first)).await,
            Stream::opened(&backend, &format!("{ADDRESS}?after={first}"), None).await,
            // The header comes from an EventSource that was opened with the query.
            Stream::opened(&backend, &format!("{ADDRESS}?after=0"), Some(&first)).await,
        ] {
            let (_, event) = again.next().await.expect("an event");
            assert_eq!(event["type"], "payment.authorized");
        }
    }

    async fn nobody_hears_of_another_clients_payments(world) {
        let other = ClientFile { client_code: "no.other.paper".to_owned(), ..world.client_file() };
        let secret = other.oauth_secrets[0].clone();
        world.applies_at_once(&other).await;
        let stranger = world.backend_of(&other.client_code, &secret).await;
        let mut stream = Stream::opened(&stranger, ADDRESS, None).await;
        world.starts_payment().await;
        let claims = world.claims(serde_json::json!({ "clientCode": other.client_code }));
        let body = serde_json::json!({ "clientCode": other.client_code, "sign": world.sign(&claims) });
        let own = world.post("/capi/mcpay/paymentInit", &body).await.expect(200).json();
        let (_, event) = stream.next().await.expect("an event");
        assert_eq!(event["subject"], own["mcPayRef"]);
    }

    async fn a_stream_ends_with_its_token(world) {
        let backend = world.backend().await;
        let mut stream = Stream::opened(&backend, ADDRESS, None).await;
        world.starts_payment().await;
        stream.next().await.expect("an event");
        world.clock.advance(chrono::Duration::hours(12));
        assert_eq!(stream.next().await, None);
    }

    async fn a_stream_ends_with_the_secret_of_its_token(world) {
        let first = world.backend().await;
        let mut stream = Stream::opened(&first, ADDRESS, None).await;
        let oauth_secrets = vec!["another-oauth-secret-0123456789".to_owned()];
        world.applies_at_once(&ClientFile { oauth_secrets, ..world.client_file() }).await;
        assert_eq!(stream.next().await, None);
        let again = first.get(ADDRESS).await;
        assert_eq!(again.problem(401)["code"], "invalid_token");
    }

    async fn a_sixth_stream_ends_the_oldest_whose_caller_goes_on_where_it_was(world) {
        let backend = world.backend().await;
        let mut open = Vec::new();
        for _ in 0..6 {
            open.push(Stream::opened(&backend, ADDRESS, None).await);
        }
        assert_eq!(open[0].next().await, None);
        let payment = world.starts_payment().await;
        for stream in &mut open[1..] {
            let (_, event) = stream.next().await.expect("an event");
            assert_eq!(event["subject"], payment.reference);
        }
    }

    async fn a_broken_place_to_go_on_from_is_told(world) {
        let backend = world.backend().await;
        let problem = backend.get(&format!("{ADDRESS}?after=x")).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], "after");
        let request = backend.request(Method::GET, ADDRESS).header("last-event-id", "-1");
        let problem = backend.sends(request).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], "Last-Event-ID");
    }

    async fn a_stream_tells_what_another_instance_did_and_ends_when_its_own_stops(world) {
        let instance = world.another_instance().await;
        let (base, http) = (instance.base(), &world.http);
        let there = Backend::at(base, http, DEMO_CLIENT, DEMO_OAUTH_SECRET).await;
        let mut stream = Stream::opened(&there, ADDRESS, None).await;
        let payment = world.starts_payment().await;
        let (_, event) = stream.next().await.expect("an event");
        assert_eq!(event["subject"], payment.reference);
        instance.ends().await;
        assert_eq!(stream.next().await, None);
    }
}

//! A backend completes orders without a browser, and is called back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::orders::{order, order_for};
use crate::support::witness::wait_for;

on_both_databases! {
    async fn what_needs_no_payment_here_is_completed_and_repeating_is_harmless(world) {
        for method in ["invoice", "free", "sms", "other"] {
            let id = world.registers(&order(&json!({ "paymentMethod": method }))).await;
            for _ in 0..2 {
                assert_eq!(world.completes_order(id, None).await, Ok("OK".to_owned()));
            }
            let told = world.events_of_order(id).await;
            assert_eq!(told, ["order.registered", "order.fulfilled"]);
        }
        let prepaid = order(&json!({ "paymentMethod": "kco", "prepaid": true }));
        let id = world.registers(&prepaid).await;
        assert_eq!(world.completes_order(id, None).await, Ok("OK".to_owned()));
    }

    async fn a_card_order_that_has_no_payment_is_a_conflict(world) {
        for method in ["creditcardPayex", "nexi", "kco", "smsPay"] {
            let id = world.registers(&order(&json!({ "paymentMethod": method }))).await;
            let (status, told) = world.completes_order(id, None).await.unwrap_err();
            assert_eq!((status, &told["code"]), (409, &json!("state_conflict")));
        }
    }

    async fn an_order_with_its_payment_is_complete_once_the_money_is_taken(world) {
        let payment = world.has_authorized().await;
        let id = world.registers(&order_for(&payment)).await;
        assert_eq!(world.completes_order(id, None).await, Ok("OK".to_owned()));
    }

    async fn a_call_goes_to_an_allowed_origin_only(world) {
        let id = world.registers(&order(&json!({ "paymentMethod": "free" }))).await;
        for url in ["https://elsewhere.example/told", "no address"] {
            let (status, told) = world.completes_order(id, Some(url)).await.unwrap_err();
            assert_eq!((status, &told["errors"][0]["field"]), (400, &json!("callbackUrl")));
        }
        assert_eq!(world.order_status(id).await.order.status.as_str(), "preliminary");
    }

    async fn a_call_is_made_again_until_the_merchant_has_answered_it_well(world) {
        let merchant = Merchant::start(&[500, 302, 204]).await;
        let file = world.client_file();
        let origins = [file.origins.clone(), vec![merchant.url("")]].concat();
        world.applies_at_once(&ClientFile { origins, ..file }).await;
        let id = world.registers(&order(&json!({ "paymentMethod": "free" }))).await;
        let url = merchant.url("/told?basket=3");
        let completed = world.completes_order(id, Some(&url)).await;
        assert_eq!(completed, Ok("OK".to_owned()));
        let what = "the merchant is called three times";
        wait_for(what, Duration::from_secs(20), async || {
            world.clock.advance(chrono::Duration::seconds(30));
            (merchant.calls().len() >= 3).then_some(())
        }).await;
        for call in merchant.calls() {
            assert_eq!(call, "GET /told?basket=3&fulfillmentStatus=success HTTP/1.1");
        }
    }
}

/// A merchant's server that answers with these statuses, one call each.
struct Merchant {
    port: u16,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Merchant {
    async fn start(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (seen, statuses) = (Arc::clone(&calls), statuses.to_vec());
        tokio::spawn(async move {
            for status in statuses {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut head = vec![0; 4_096];
                let read = socket.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                seen.lock()
                    .unwrap()
                    .push(head.lines().next().unwrap().to_owned());
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\
                     connection: close\r\n\r\n"
                );
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { port, calls }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

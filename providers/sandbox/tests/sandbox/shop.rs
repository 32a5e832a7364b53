//! A merchant's address: refuses what it is told to refuse, and remembers everything.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use super::world::until;

type Answer = dyn Fn(&str, usize) -> u16 + Send + Sync;

pub struct Shop {
    pub url: String,
    got: Arc<Mutex<Vec<String>>>,
}

/// A shop that answers with the status which `answer` gives for a body and how often that body has
/// come, counted from one. What it got is the body and, where there is one, the signature.
pub fn shop(answer: impl Fn(&str, usize) -> u16 + Send + Sync + 'static) -> Shop {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let got: Arc<Mutex<Vec<String>>> = Arc::default();
    let (shared, answer): (_, Arc<Answer>) = (Arc::clone(&got), Arc::new(answer));
    let server = HttpServer::new(move || {
        let (got, answer) = (Arc::clone(&shared), Arc::clone(&answer));
        let take = move |request: HttpRequest, body: String| {
            let signature = request.headers().get("signature");
            let signature = signature.map(|value| format!(" {}", value.to_str().unwrap()));
            let seen = format!("{body}{}", signature.unwrap_or_default());
            let mut got = got.lock().unwrap();
            got.push(seen);
            let times = got.iter().filter(|seen| seen.starts_with(&body)).count();
            let status = StatusCode::from_u16(answer(&body, times)).unwrap();
            async move { HttpResponse::new(status) }
        };
        App::new().route("/hook", web::post().to(take))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    tokio::spawn(server);
    Shop { url, got }
}

impl Shop {
    pub fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }

    pub async fn gets(&self, expected: &[&str]) {
        let got = until(&format!("{expected:?}"), async || {
            let got = self.got();
            (got.len() >= expected.len()).then_some(got)
        })
        .await;
        assert_eq!(got, expected);
    }
}

//! Another instance of the service on the world's database, with the world's clock and broker.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use mcpay::http;
use mcpay::wiring::{Blueprint, Built, build, http_client};
use serde_json::Value;
use url::Url;

use super::client::Answer;
use super::world::{StartedPayment, World, spec_master_key};

/// A process of its own, as far as the database can tell.
pub struct Instance {
    base: Url,
    http: reqwest::Client,
    server: ServerHandle,
    built: Built,
}

impl World {
    /// Starts another instance, its jobs included. [`Instance::ends`] stops it.
    pub async fn another_instance(&self) -> Instance {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().unwrap().port();
        let base = Url::parse(&format!("http://localhost:{port}")).unwrap();
        let http = http_client().expect("a client");
        let built = build(Blueprint {
            database_url: &self.database.url().to_owned().into(),
            master_key: spec_master_key(),
            public_url: self.public_url.clone(),
            service: &self.service,
            http: http.clone(),
            clock: self.clock.clone(),
        })
        .await
        .expect("the instance can be built");
        let none: http::MoreRoutes = Arc::new(|_| {});
        let server = http::serve(listener, 1, built.app.clone(), none).expect("a server");
        let handle = server.handle();
        tokio::spawn(server);
        built.start_jobs();
        Instance {
            base,
            http,
            server: handle,
            built,
        }
    }
}

impl Instance {
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Stops it as a signal would.
    pub async fn ends(self) {
        self.built.app.stopping.cancel();
        self.server.stop(true).await;
        let stopped = self.built.jobs.stop(Duration::from_secs(20)).await;
        self.built.background.close();
        let idle = tokio::time::timeout(Duration::from_secs(20), self.built.background.wait());
        assert!(idle.await.is_ok(), "background work must come to an end");
        stopped.expect("the jobs end in good order");
    }

    /// The library asks this instance how a payment ended.
    pub async fn completes(&self, payment: &StartedPayment) -> Value {
        let path = format!("/capi/mcpay/payments/{}/complete", payment.reference);
        let url = self.base.join(&path).expect("a path");
        let sent = self.http.post(url).send().await;
        let answer = Answer::of(sent.expect("the instance answers")).await;
        answer.expect(200).json()
    }
}

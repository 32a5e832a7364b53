//! A merchant's backend: gets a token with its client's secret and calls the client API.

use mcpay::cli::{DEMO_CLIENT, DEMO_OAUTH_SECRET};
use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::client::Answer;
use super::world::World;

/// One client's backend, with a token.
#[derive(Clone)]
pub struct Backend {
    pub client_code: String,
    pub token: String,
    base: Url,
    http: reqwest::Client,
}

impl World {
    /// The demo client's backend.
    pub async fn backend(&self) -> Backend {
        self.backend_of(DEMO_CLIENT, DEMO_OAUTH_SECRET).await
    }

    /// The backend of any client whose file was applied.
    pub async fn backend_of(&self, client_code: &str, secret: &str) -> Backend {
        Backend::at(&self.base, &self.http, client_code, secret).await
    }

    /// Asks for a token, with credentials in the form.
    pub async fn asks_for_token(&self, client_code: &str, secret: &str) -> Answer {
        token(&self.base, &self.http, client_code, secret).await
    }
}

async fn token(base: &Url, http: &reqwest::Client, client_code: &str, secret: &str) -> Answer {
    let url = base.join("/login/oauth/token").expect("a path");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_code),
        ("client_secret", secret),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    Answer::of(request.send().await.expect("the service answers")).await
}

impl Backend {
    /// The backend of a client at the instance under `base`.
    pub async fn at(base: &Url, http: &reqwest::Client, client_code: &str, secret: &str) -> Self {
        let answer = token(base, http, client_code, secret)
            .await
            .expect(200)
            .json();
        Self {
            client_code: client_code.to_owned(),
            token: answer["access_token"].as_str().expect("a token").to_owned(),
            base: base.clone(),
            http: http.clone(),
        }
    }

    /// The same backend with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The same backend, calling another instance.
    pub fn calling(&self, base: &Url) -> Self {
        Self {
            base: base.clone(),
            ..self.clone()
        }
    }

    /// A request with the token, to be changed and sent.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = self.base.join(path).expect("a path");
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.sends(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.sends(self.request(Method::POST, path).json(body))
            .await
    }

    /// A post with an `Idempotency-Key`.
    pub async fn post_with_key(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        self.sends(request.header("idempotency-key", key)).await
    }

    /// The same to a service that may be gone before it has answered.
    pub async fn post_with_key_or_nothing(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Option<Answer> {
        let request = self.request(Method::POST, path).json(body);
        let sent = request.header("idempotency-key", key).send().await.ok()?;
        Some(Answer::of(sent).await)
    }

    pub async fn sends(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::of(request.send().await.expect("the service answers")).await
    }
}

//! The merchant's backend itself: it gets a token with its OAuth secret and calls the service over
//! HTTP, as any backend does. The secret and the token stay on this side.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::Answer;
use crate::clients::ClientCode;
use crate::http::problem::{Code, Problem};

/// Calls the client API.
pub struct Backend {
    client: ClientCode,
    secret: SecretString,
    /// Where the service listens.
    base: Url,
    http: reqwest::Client,
    token: Mutex<Option<SecretString>>,
}

impl Backend {
    pub fn new(client: ClientCode, secret: SecretString, base: Url, http: reqwest::Client) -> Self {
        Self {
            client,
            secret,
            base,
            http,
            token: Mutex::default(),
        }
    }

    /// `path` is what follows `/capi/v1/client/`.
    ///
    /// # Errors
    /// When the service does not answer.
    pub async fn get(&self, path: &str) -> Result<Answer, Problem> {
        let url = self.url(&format!("capi/v1/client/{path}"))?;
        self.send(|| self.http.get(url.clone())).await
    }

    /// Posts under an `Idempotency-Key`.
    ///
    /// # Errors
    /// When the service does not answer.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Result<Answer, Problem> {
        let url = self.url(&format!("capi/v1/client/{path}"))?;
        let request = || {
            let request = self.http.post(url.clone()).json(body);
            request.header("idempotency-key", key)
        };
        self.send(request).await
    }

    /// Once more with a new token when the one we have is over.
    async fn send(&self, request: impl Fn() -> reqwest::RequestBuilder) -> Result<Answer, Problem> {
        let answer = self.send_once(request()).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        *self.token.lock().await = None;
        self.send_once(request()).await
    }

    async fn send_once(&self, request: reqwest::RequestBuilder) -> Result<Answer, Problem> {
        let token = self.token().await?;
        read(request.bearer_auth(token.expose_secret())).await
    }

    async fn token(&self) -> Result<SecretString, Problem> {
        let mut kept = self.token.lock().await;
        if let Some(token) = &*kept {
            return Ok(token.clone());
        }
        let request = self
            .http
            .post(self.url("login/oauth/token")?)
            .basic_auth(self.client.as_str(), Some(self.secret.expose_secret()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let answer = read(request).await?;
        let token = answer.body["access_token"].as_str();
        let token: SecretString = token
            .ok_or_else(|| unreachable("The service gave the shop no token."))?
            .to_owned()
            .into();
        *kept = Some(token.clone());
        Ok(token)
    }

    fn url(&self, path: &str) -> Result<Url, Problem> {
        self.base
            .join(path)
            .map_err(|_| Problem::new(Code::Internal))
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answer, Problem> {
    let answered = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok::<_, reqwest::Error>((status, response.bytes().await?))
    };
    let (status, bytes) = answered
        .await
        .map_err(|_| unreachable("The service does not answer its own shop."))?;
    Ok(Answer {
        status,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    })
}

fn unreachable(detail: &str) -> Problem {
    Problem::detailed(Code::Unavailable, detail)
}

//! The HTTP side of a test: requests as a page, a provider or an operator makes them.

use reqwest::header::{HeaderMap, LOCATION};
use serde_json::Value;
use url::Url;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.expect("a body"),
        }
    }

    /// The body, which must be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    /// Fails with the body when the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// Where a redirect goes.
    pub fn location(&self) -> Url {
        Url::parse(self.header(LOCATION.as_str())).expect("an absolute location")
    }

    /// The `code` of a problem, checked to have the shape of CONTRACT 4.5.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        assert_eq!(body["status"], status);
        assert_eq!(body["detail"], body["errorMessage"]);
        assert_eq!(
            body["type"],
            format!("/docs/problems#{}", body["code"].as_str().unwrap())
        );
        for member in ["title", "exceptionType", "requestId"] {
            assert!(
                body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{member}: {body}"
            );
        }
        body
    }
}

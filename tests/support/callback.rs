//! The provider's callbacks, and what the service stored: for tests that play the provider.

use mcpay::clients::callback_key::callback_key;
use mcpay::payments::payment::Payment;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::client::Answer;
use super::world::{StartedPayment, World};

impl World {
    /// The payment as the service stores it.
    pub async fn stored(&self, payment: &StartedPayment) -> Payment {
        let reference = payment.reference.parse().expect("a reference");
        let payments = &self.built.app.payments;
        payments.get_payment(reference).await.expect("it is stored")
    }

    /// The secret part of the payment's callback address.
    pub async fn callback_key(&self, payment: &StartedPayment) -> String {
        let stored = self.stored(payment).await;
        let account = self.built.app.registry.account(stored.account);
        let account = account.expect("the payment's account is loaded");
        let key = callback_key(
            &account.callback_secret,
            account.account.provider,
            stored.reference,
        );
        key.expose_secret().to_owned()
    }

    pub async fn callback_path(&self, payment: &StartedPayment) -> String {
        let key = self.callback_key(payment).await;
        format!("/callbacks/payex/{}/{key}", payment.reference)
    }

    /// What the provider posts about this payment.
    pub async fn callback_body(&self, payment: &StartedPayment) -> Value {
        let id = self.stored(payment).await.provider_ref.expect("an order");
        json!({
            "orderReference": payment.reference,
            "paymentOrder": { "id": id.as_str(), "instrument": "CreditCard", "number": 1 },
        })
    }

    pub async fn post_bytes(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let url = self.base.join(path).expect("a path");
        let sent = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await;
        Answer::of(sent.expect("the service answers")).await
    }

    /// Sends a request as it was put together.
    pub async fn sends(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::of(request.send().await.expect("the service answers")).await
    }

    pub fn url(&self, path: &str) -> url::Url {
        self.base.join(path).expect("a path")
    }
}

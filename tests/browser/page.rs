//! What a payer sees and does, named as the shop's page names it (`web/demo/README.md`).
//!
//! Nothing waits for a time: every step waits until what it needs is there, or fails and says what
//! the page showed instead.

use std::future::Future;
use std::time::Duration;

use fantoccini::Locator;
use fantoccini::error::CmdError;
use serde_json::Value;
use url::Url;

use super::driver::{Driver, Manner};
use crate::support::database::Database;
use crate::support::world::{StartedPayment, Wish, World};

/// More than any step needs on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(40);

pub const VISA: &str = "4925 0000 0000 0004";
pub const VISA_WITH_3DS: &str = "4761 7390 0101 0416";
pub const DECLINED: &str = "4000 0000 0000 0002";

/// What the shop tells somebody who has paid.
pub const PAID: &str = "Paid. Thank you, and enjoy your paper.";
/// The events of an ordinary payment.
pub const PAYS: [&str; 2] = ["payment.initiated", "payment.authorized"];
/// The events of the payment that opens an agreement.
pub const SUBSCRIBES: [&str; 3] = [
    "payment.initiated",
    "payment.authorized",
    "agreement.activated",
];

/// The world, and somebody in front of a browser.
pub struct Scene {
    pub world: World,
    pub browser: Driver,
}

impl Scene {
    pub async fn opens() -> Self {
        Self::with(Wish::default(), Manner::default()).await
    }

    pub async fn with(wish: Wish, manner: Manner) -> Self {
        let world = World::with(Database::sqlite(), wish).await;
        let browser = Driver::start(manner).await;
        Self { world, browser }
    }

    /// The test is over: no page broke its policy or wrote an error, and everything ends.
    pub async fn ends_quietly(self) {
        let console = self.browser.console().await;
        let errors: Vec<&String> = console
            .iter()
            .filter(|line| line.contains("SEVERE") || line.contains("Content Security Policy"))
            .collect();
        assert!(errors.is_empty(), "the console is not quiet: {errors:#?}");
        drop(self.browser);
        self.world.ends().await;
    }

    // ---- going and looking ----

    pub async fn goes_to(&self, path: &str) {
        let url = self.world.base.join(path).expect("a path");
        self.browser
            .client
            .goto(url.as_str())
            .await
            .expect("the page loads");
    }

    pub async fn url(&self) -> Url {
        self.browser.client.current_url().await.expect("an address")
    }

    /// Waits until the browser is at a page whose path starts so.
    pub async fn arrives_at(&self, path: &str) -> Url {
        self.until(&format!("the browser is at {path}"), async || {
            let url = self.browser.client.current_url().await?;
            Ok(url.path().starts_with(path).then_some(url))
        })
        .await
    }

    /// The text of what is called so, or `None` while it is not there.
    async fn look(&self, testid: &str) -> Result<Option<String>, CmdError> {
        let name = named(testid);
        let found = self.browser.client.find_all(name.as_locator()).await?;
        match found.first() {
            Some(element) => element.text().await.map(Some),
            None => Ok(None),
        }
    }

    /// Waits until it shows exactly this text.
    pub async fn shows(&self, testid: &str, text: &str) {
        self.until(&format!("{testid} shows {text:?}"), async || {
            let shown = self.look(testid).await?;
            Ok((shown.as_deref() == Some(text)).then_some(()))
        })
        .await;
    }

    /// Waits until it is there, and gives its text.
    pub async fn text(&self, testid: &str) -> String {
        self.until(&format!("{testid} is there"), async || {
            self.look(testid).await
        })
        .await
    }

    pub async fn is_there(&self, testid: &str) -> bool {
        self.look(testid).await.expect("the page").is_some()
    }

    pub async fn clicks(&self, testid: &str) {
        self.until(&format!("{testid} can be clicked"), async || {
            let client = &self.browser.client;
            let name = named(testid);
            let element = client.find(name.as_locator()).await?;
            if !element.is_enabled().await? {
                return Ok(None);
            }
            element.click().await.map(Some)
        })
        .await;
    }

    /// Tries again until there is an answer. Errors count as "not yet": a page that is just being
    /// replaced has no elements.
    pub async fn until<T, F>(&self, what: &str, step: impl Fn() -> F) -> T
    where
        F: Future<Output = Result<Option<T>, CmdError>>,
    {
        let trying = async {
            loop {
                if let Ok(Some(found)) = step().await {
                    return found;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        if let Ok(found) = tokio::time::timeout(PATIENCE, trying).await {
            return found;
        }
        let url = self.browser.client.current_url().await;
        let body = self.browser.client.find(Locator::Css("body")).await;
        let text = match body {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(error) => error.to_string(),
        };
        let console = self.browser.console().await;
        panic!("not within {PATIENCE:?}: {what}\n{url:?}\n{console:#?}\n{text}")
    }

    // ---- in the shop ----

    /// Chooses in the demo shop and presses the button.
    pub async fn buys(&self, product: &str, flow: &str) {
        self.buys_by("creditcardPayex", product, flow).await;
    }

    /// The same, by any payment method.
    pub async fn buys_by(&self, method: &str, product: &str, flow: &str) {
        self.shop_is_ready().await;
        self.clicks(&format!("product-{product}")).await;
        self.clicks(&format!("method-{method}")).await;
        self.clicks(&format!("flow-{flow}")).await;
        self.clicks("pay-button").await;
    }

    pub async fn shop_is_ready(&self) {
        self.until("the order form is ready", async || {
            let form = named("order-form");
            let form = self.browser.client.find(form.as_locator()).await?;
            Ok((form.attr("aria-busy").await?.as_deref() == Some("false")).then_some(()))
        })
        .await;
    }

    /// The names of the callbacks that the page has logged, oldest first.
    pub async fn callbacks(&self) -> Vec<String> {
        let entries = Locator::Css("[data-testid=callback-log] > li");
        let mut names = Vec::new();
        for entry in self.browser.client.find_all(entries).await.expect("a log") {
            let testid = entry.attr("data-testid").await.expect("an entry");
            let testid = testid.expect("a name");
            names.push(testid.trim_start_matches("callback-").to_owned());
        }
        names
    }

    /// Waits for the callback, and gives what it was called with.
    pub async fn callback(&self, name: &str) -> Vec<Value> {
        let text = self.text(&format!("callback-{name}-json")).await;
        serde_json::from_str(&text).expect("a list of arguments")
    }

    /// The payment as the panel shows it: status, then reserved amount.
    pub async fn panel_shows(&self, status: &str, reserved: &str) {
        self.shows("payment-status", status).await;
        self.shows("payment-authorizedAmount", reserved).await;
    }

    /// The payment of the panel.
    pub async fn payment(&self) -> StartedPayment {
        StartedPayment {
            reference: self.text("payment-mcPayRef").await,
            answer: Value::Null,
        }
    }

    /// Waits until the shop's list of events, oldest first, is exactly this.
    pub async fn events_are(&self, expected: &[&str]) {
        self.until(&format!("the events are {expected:?}"), async || {
            let entries = Locator::Css("[data-testid=events] > li");
            let mut types = Vec::new();
            for entry in self.browser.client.find_all(entries).await? {
                let testid = entry.attr("data-testid").await?.unwrap_or_default();
                types.push(testid.trim_start_matches("event-").to_owned());
            }
            types.reverse();
            Ok((types == expected).then_some(()))
        })
        .await;
    }

    /// What everybody who comes back to the shop's return page is shown, and what was logged before
    /// they left.
    pub async fn comes_back(&self, claimed: &str, title: &str) {
        let url = self.arrives_at("/demo/done.html").await;
        let reference = self.payment().await.reference;
        let expected = format!("mcPayRef={reference}&status={claimed}");
        assert_eq!(url.query(), Some(expected.as_str()));
        self.shows("done-title", title).await;
        let agrees = format!("The address says “{claimed}”, and the server agrees.");
        self.shows("done-claimed", &agrees).await;
        assert_eq!(self.callbacks().await, ["onInit", "onRedirect"]);
        assert_eq!(self.callback("onInit").await[0]["mcPayRef"], reference);
        let redirect = self.callback("onRedirect").await;
        assert_eq!(redirect[0]["mcPayRef"], reference);
        let target = redirect[0]["redirectUrl"].as_str().expect("an address");
        assert!(target.contains("/sandbox/"), "{target}");
        assert_eq!(self.initiates(&reference).await, 1);
    }

    // ---- at the provider ----

    /// Goes into the provider's form inside the shop's page.
    pub async fn enters_the_view(&self) {
        self.until("the provider's view is open", async || {
            self.browser.leave_frames().await?;
            let frame = Locator::Css("[data-testid=payment-view] iframe");
            let frame = self.browser.client.find(frame).await?;
            frame.enter_frame().await?;
            let form = self.browser.client.find(Locator::Css("#pay .pay")).await?;
            form.is_displayed().await.map(|shown| shown.then_some(()))
        })
        .await;
    }

    pub async fn leaves_the_view(&self) {
        self.browser.leave_frames().await.expect("the page");
    }

    /// Types a card into the provider's form and pays.
    pub async fn pays_with(&self, number: &str) {
        for (field, value) in [("#number", number), ("#expiry", "12/33"), ("#cvc", "123")] {
            self.until(&format!("{field} can be filled in"), async || {
                let input = self.browser.client.find(Locator::Css(field)).await?;
                input.clear().await?;
                input.send_keys(value).await.map(Some)
            })
            .await;
        }
        self.presses("#pay .pay").await;
    }

    /// Presses what the provider's pages call so.
    pub async fn presses(&self, css: &str) {
        self.until(&format!("{css} can be pressed"), async || {
            let button = self.browser.client.find(Locator::Css(css)).await?;
            button.click().await.map(Some)
        })
        .await;
    }

    /// Waits until the provider's page says that the attempt failed.
    pub async fn is_told(&self, part: &str) {
        self.until(&format!("the alarm says {part:?}"), async || {
            let alarm = self.browser.client.find(Locator::Css(".alarm")).await?;
            Ok(alarm.text().await?.contains(part).then_some(()))
        })
        .await;
    }

    /// How often the provider was asked to start this payment.
    pub async fn initiates(&self, reference: &str) -> usize {
        let seen = self.world.provider_saw(reference).await;
        seen.iter().filter(|call| *call == "initiate").count()
    }
}

/// A selector for one of the names.
pub struct Named(String);

pub fn named(testid: &str) -> Named {
    Named(format!("[data-testid=\"{testid}\"]"))
}

impl Named {
    pub fn as_locator(&self) -> Locator<'_> {
        Locator::Css(&self.0)
    }
}

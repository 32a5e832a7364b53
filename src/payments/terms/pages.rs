//! Where the payer's pages are: `returnUrl`, `checkoutUrl`, and the page of CONTRACT 8.7.

use mcpay_port::{Flow, PaymentMethod, PaymentRef};
use url::Url;
use uuid::Uuid;

use super::PageHints;
use super::choice::Choice;
use super::reader::{Claim, Reader};
use crate::clients::ClientProfile;
use crate::clients::origin::{UrlProblem, is_allowed, read_url};

/// The name in a page's query.
const PARAMETER: &str = "mcPayRef";

/// Nexi takes no longer `checkout.url` (CONTRACT 8.7), characters.
const MAX_CHECKOUT_URL: usize = 256;

pub(super) struct Pages {
    pub(super) back: Option<Url>,
    pub(super) checkout: Option<Url>,
    /// The page of 8.7, without `mcPayRef`.
    pub(super) page: Url,
}

/// `None` where something was wrong and has been recorded.
pub(super) fn read_pages(
    reader: &mut Reader<'_>,
    profile: &ClientProfile,
    hints: &PageHints,
    choice: &Choice,
) -> Option<Pages> {
    let allowed = &profile.client.allowed_origins;
    let return_url = read_page(reader, allowed, "returnUrl");
    if choice.flow == Some(Flow::Redirect) {
        let message = "is required with the redirect flow.";
        reader.require(&return_url, "returnUrl", message);
    }
    let checkout_url = read_page(reader, allowed, "checkoutUrl");
    let nexi_seamless =
        choice.method == Some(PaymentMethod::Nexi) && choice.flow == Some(Flow::Seamless);
    if nexi_seamless {
        let message = "is required for nexi with the seamless flow.";
        reader.require(&checkout_url, "checkoutUrl", message);
    }
    let checkout_url = reader.check(checkout_url, "checkoutUrl", |url| {
        let longest = page_with_reference(&url, PaymentRef(Uuid::nil()));
        if nexi_seamless && longest.as_str().len() > MAX_CHECKOUT_URL {
            let message = "must, with mcPayRef in its query, have at most 256 characters.";
            return Err(("too_long", message.to_owned()));
        }
        Ok(url)
    });
    let page_url = match (choice.flow, &hints.page_url) {
        (Some(Flow::Seamless), Some(text)) => check_url(reader, allowed, "pageUrl", text),
        _ => Claim::Absent,
    };
    if return_url.is_broken() || checkout_url.is_broken() || page_url.is_broken() {
        return None;
    }
    let (return_url, checkout_url) = (return_url.given(), checkout_url.given());
    // Nexi's view stays empty on any other page than the one that it was told.
    let own_page = checkout_url.clone().filter(|_| nexi_seamless);
    let page_url = own_page
        .or_else(|| page_url.given())
        .or_else(|| checkout_url.clone())
        .or_else(|| return_url.clone())
        .or_else(|| origin_page(hints, allowed))
        .or_else(|| read_url(allowed.first()?).ok());
    let Some(page_url) = page_url else {
        let message = "is required, because the client has no allowed origin.";
        reader.refuse("pageUrl", "required", message);
        return None;
    };
    Some(Pages {
        back: return_url,
        checkout: checkout_url,
        page: page_url,
    })
}

/// The page with `mcPayRef` in its query: an old one is replaced, everything else stays as it is
/// written. The fragment stays too, because pages route by it; it stands after the query.
pub fn page_with_reference(page: &Url, reference: PaymentRef) -> Url {
    let mut pairs: Vec<&str> = page
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_reference(pair))
        .collect();
    let own = format!("{PARAMETER}={reference}");
    pairs.push(&own);
    let mut with = page.clone();
    with.set_query(Some(&pairs.join("&")));
    if with.fragment() == Some("") {
        with.set_fragment(None);
    }
    with
}

/// Decoded first: `mcPay%52ef` is the same name to whoever reads the query.
fn is_reference(pair: &str) -> bool {
    url::form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == PARAMETER)
}

fn origin_page(hints: &PageHints, allowed: &[String]) -> Option<Url> {
    let origin = read_url(hints.origin.as_deref()?).ok()?;
    is_allowed(allowed, &origin).then_some(origin)
}

fn read_page(reader: &mut Reader<'_>, allowed: &[String], field: &str) -> Claim<Url> {
    match reader.text(field) {
        Claim::Given(text) => check_url(reader, allowed, field, &text),
        Claim::Absent => Claim::Absent,
        Claim::Broken => Claim::Broken,
    }
}

fn check_url(reader: &mut Reader<'_>, allowed: &[String], field: &str, text: &str) -> Claim<Url> {
    reader.check(Claim::Given(text), field, |text| {
        let url = read_url(text).map_err(|problem| {
            let code = match problem {
                UrlProblem::TooLong => "too_long",
                UrlProblem::NotAbsolute | UrlProblem::UserInfo => "invalid",
            };
            (code, format!("{problem}."))
        })?;
        if is_allowed(allowed, &url) {
            return Ok(url);
        }
        let message = "must be on one of the client's allowed origins (scheme, host and port).";
        Err(("not_allowed", message.to_owned()))
    })
}

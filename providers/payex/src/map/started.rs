//! PayEx's answer to a create -> the payer's next step.

use mcpay_port::{Failure, FailureKind, Flow, NextStep, Started, View};

use crate::config::Settings;
use crate::link;
use crate::wire::answer::Answer;

/// # Errors
/// A [`Failure`] when the answer names no order or no way to pay it. An order may exist then.
pub fn started(
    settings: &Settings,
    flow: Flow,
    culture: &str,
    answer: &Answer,
) -> Result<Started, Failure> {
    let bad = |title: &str| Failure::new(FailureKind::BadAnswer).titled(title);
    let provider_ref =
        link::find_order_ref(&answer.order.id).ok_or_else(|| bad("the order's id is malformed"))?;
    // PayEx lists both links whatever the flow, so they are chosen by name.
    let rel = match flow {
        Flow::Redirect => "redirect-checkout",
        Flow::Seamless => "view-checkout",
    };
    let href = answer
        .find_link(rel)
        .ok_or_else(|| bad("the answer has no link to the payment page"))?;
    let href = link::find_for_browser(settings, href)
        .ok_or_else(|| bad("the link to the payment page is not encrypted"))?;
    let next = match flow {
        Flow::Redirect => NextStep::Redirect(href),
        Flow::Seamless => NextStep::Seamless(View::Payex {
            script_url: href,
            culture: culture.to_owned(),
        }),
    };
    Ok(Started {
        provider_ref: Some(provider_ref),
        next,
    })
}

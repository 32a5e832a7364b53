//! Nexi's answer to a create -> the payer's next step.

use mcpay_port::{Failure, FailureKind, Flow, NextStep, Started, View};

use crate::config::Settings;
use crate::link;
use crate::wire::answer::Created;

/// # Errors
/// A [`Failure`] when the answer names no payment or no page to pay it on. A payment may exist
/// then.
pub fn started(
    settings: &Settings,
    flow: Flow,
    language: &str,
    created: &Created,
) -> Result<Started, Failure> {
    let bad = |title: &str| Failure::new(FailureKind::BadAnswer).titled(title);
    let provider_ref = created
        .payment_id
        .as_deref()
        .and_then(link::find_payment_ref)
        .ok_or_else(|| bad("the payment's id is malformed"))?;
    let next = match flow {
        Flow::Redirect => {
            let href = created.hosted_payment_page_url.as_deref();
            let mut page = href
                .and_then(|href| link::find_for_browser(settings, href))
                .ok_or_else(|| bad("the answer has no link to Nexi's payment page"))?;
            page.query_pairs_mut().append_pair("language", language);
            NextStep::Redirect(page.into())
        }
        Flow::Seamless => NextStep::Seamless(View::Nexi {
            script_url: settings.checkout_script.to_string(),
            checkout_key: settings.checkout_key.clone(),
            payment_id: provider_ref.as_str().to_owned(),
            language: language.to_owned(),
        }),
    };
    Ok(Started {
        provider_ref: Some(provider_ref),
        next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::{PAYMENT_ID, settings};
    use serde_json::{Value, json};

    fn step(flow: Flow, answer: Value) -> Result<NextStep, FailureKind> {
        let created = serde_json::from_value(answer).unwrap();
        started(&settings("unscheduled"), flow, "nb-NO", &created)
            .map(|started| started.next)
            .map_err(|failure| failure.kind)
    }

    #[test]
    fn the_view_gets_all_that_the_script_needs() {
        let view = step(Flow::Seamless, json!({ "paymentId": PAYMENT_ID })).unwrap();
        let expected = View::Nexi {
            script_url: "https://test.checkout.dibspayment.eu/v1/checkout.js?v=1".to_owned(),
            checkout_key: "checkout-key".to_owned(),
            payment_id: PAYMENT_ID.to_owned(),
            language: "nb-NO".to_owned(),
        };
        assert!(view == NextStep::Seamless(expected));
    }

    #[test]
    fn the_hosted_page_is_told_the_language_after_its_own_query() {
        let page = "https://test.checkout.dibspayment.eu/hostedpaymentpage/?checkoutKey=c&pid=1";
        let answer = json!({ "paymentId": PAYMENT_ID, "hostedPaymentPageUrl": page });
        let step = step(Flow::Redirect, answer).unwrap();
        assert!(step == NextStep::Redirect(format!("{page}&language=nb-NO")));
    }

    #[test]
    fn an_answer_without_a_payment_or_a_page_of_nexis_is_a_bad_one() {
        let foreign =
            json!({ "paymentId": PAYMENT_ID, "hostedPaymentPageUrl": "https://a.example/" });
        for (flow, answer) in [
            (Flow::Redirect, json!({ "paymentId": PAYMENT_ID })),
            (Flow::Redirect, foreign),
            (Flow::Seamless, json!({})),
            (Flow::Seamless, json!({ "paymentId": "" })),
            (Flow::Seamless, json!({ "paymentId": "../x" })),
        ] {
            assert_eq!(step(flow, answer).err(), Some(FailureKind::BadAnswer));
        }
    }
}

//! `PUT /v1/payments/{id}/referenceinformation` and `…/myreference`.

use super::api::{Answer, Call};
use super::fields::{MY_REFERENCE, PLAIN, Part};
use super::payment::{Payment, Place};
use super::problem::{Problem, Wrong};

pub(crate) fn change(call: &Call<'_>, id: &str, deed: &str) -> Answer {
    let change = match deed {
        "referenceinformation" => reference_information,
        "myreference" => my_reference,
        _ => return Err(Problem::NOT_FOUND),
    };
    let shared = call.get_payment(id)?;
    call.state.with(&shared, |payment| {
        change(&Part::root(call.body), payment)?;
        Ok((204, None))
    })
}

fn reference_information(body: &Part<'_>, payment: &mut Payment) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    let reference = body.get_text(&mut wrong, "reference", PLAIN);
    body.get(&mut wrong, "checkoutUrl");
    let url = body.url(&mut wrong, "checkoutUrl");
    let before = payment.order.reference.as_deref();
    if before.is_some_and(|before| Some(before) != reference) {
        wrong.add("reference", "The reference was set previously (1016).");
    }
    if let (Place::Embedded(page), Some(url)) = (&payment.place, &url)
        && page.origin() != url.origin()
    {
        let text = "The checkout's domain cannot be changed (1017).";
        wrong.add("checkoutUrl", text);
    }
    wrong.check()?;
    payment.order.reference = reference.map(str::to_owned);
    if let (Place::Embedded(page), Some(url)) = (&mut payment.place, url) {
        *page = url;
    }
    Ok(())
}

/// The payer's stand-in and the record of calls go on finding the payment by the first one.
fn my_reference(body: &Part<'_>, payment: &mut Payment) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    let reference = body.get_text(&mut wrong, "myReference", MY_REFERENCE);
    wrong.check()?;
    payment.my_reference = reference.map(str::to_owned);
    Ok(())
}

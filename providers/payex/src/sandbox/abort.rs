//! Ending an order that is not paid: by the merchant over the API, or by the payer on the page.

use serde_json::Value;

use super::create::ROOTS;
use super::order::{Order, Status};
use super::problems::Problem;

/// Whether a PATCH asks for an abort.
pub(crate) fn is_abort(body: &Value) -> bool {
    let root = ROOTS.iter().find_map(|key| body.get(key));
    root.and_then(|order| order.get("operation"))
        .and_then(Value::as_str)
        == Some("Abort")
}

/// Ends the order for good.
///
/// # Errors
/// 403, when it is not open any more.
pub(crate) fn abort(
    order: &mut Order,
    reason: &str,
    initiated_by: &'static str,
) -> Result<(), Problem> {
    if order.status != Status::Initialized {
        return Err(Problem::forbidden(
            "Abort",
            format!(
                "A payment order that is {} cannot be aborted.",
                order.status.name()
            ),
        ));
    }
    order.status = Status::Aborted;
    order.challenge = None;
    order.abort_reason = Some(reason.to_owned());
    order.note("PaymentAborted", initiated_by, None, None);
    Ok(())
}

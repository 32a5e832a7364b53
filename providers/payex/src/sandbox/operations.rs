//! Which operations an order offers: a `rel` that is listed may be done, everything else is
//! refused.

use serde_json::{Value, json};

use super::order::{Operation, Order, Status};

pub(crate) fn list(order: &Order, base: &str) -> Vec<Value> {
    let own = format!("{base}{}", order.path());
    let json_link = |method: &str, rel: &str, href: String| json!({ "method": method, "href": href, "rel": rel, "contentType": "application/json" });
    let mut links = Vec::with_capacity(6);
    match order.status {
        Status::Initialized => {
            links.push(json_link("PATCH", "update-order", own.clone()));
            links.push(json_link("PATCH", "abort", own.clone()));
            links.push(json_link("PATCH", "abort-paymentattempt", own.clone()));
            if order.instrument_mode {
                links.push(json_link("PATCH", "set-instrument", own));
            }
        }
        Status::Paid => {
            if order.may_cancel() {
                links.push(json_link("POST", "cancel", format!("{own}/cancellations")));
            }
            if order.may_capture() {
                links.push(json_link("POST", "capture", format!("{own}/captures")));
            }
            if order.may_reverse() {
                links.push(json_link("POST", "reversal", format!("{own}/reversals")));
            }
        }
        Status::Aborted => {}
        Status::Cancelled | Status::Reversed | Status::Failed => return links,
    }
    if has_pages(order) {
        links.extend(pages(order, base));
    }
    links
}

/// A merchant-initiated charge has no payer, so there is nothing to show.
fn has_pages(order: &Order) -> bool {
    matches!(order.operation, Operation::Purchase | Operation::Verify)
}

fn pages(order: &Order, base: &str) -> [Value; 2] {
    let token = &order.view_token;
    let trace = order.id.simple();
    let language = &order.language;
    [
        json!({
            "method": "GET",
            "href": format!("{base}/checkout/{token}?_tc_tid={trace}"),
            "rel": "redirect-checkout",
            "contentType": "text/html",
        }),
        json!({
            "method": "GET",
            "href": format!("{base}/checkout/client/{token}?culture={language}&_tc_tid={trace}"),
            "rel": "view-checkout",
            "contentType": "application/javascript",
        }),
    ]
}

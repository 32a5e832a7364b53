//! An order as the API shows it, with the quirks of the real answers: amounts that are left are
//! absent when zero, `integration` is empty until a page was opened, and an authorisation is never
//! in the list of financial transactions.

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::operations;
use super::order::{HistoryEvent, Order, Paid, Status, Transaction, timestamp};

/// Sub-resources: the key in the order, and the end of the path.
const PARTS: [(&str, &str); 14] = [
    ("orderItems", "orderitems"),
    ("urls", "urls"),
    ("payeeInfo", "payeeinfo"),
    ("payer", "payers"),
    ("history", "history"),
    ("failed", "failed"),
    ("aborted", "aborted"),
    ("paid", "paid"),
    ("cancelled", "cancelled"),
    ("reversed", "reversed"),
    ("financialTransactions", "financialtransactions"),
    ("failedAttempts", "failedattempts"),
    ("postPurchaseFailedAttempts", "postpurchasefailedattempts"),
    ("metadata", "metadata"),
];

/// The names of `$expand`. Upper case is not understood: the documentation does not say whether
/// the real API cares, so the sandbox takes the careful side.
#[derive(Default)]
pub(crate) struct Expand(Vec<String>);

impl Expand {
    pub(crate) fn read(query: &str) -> Self {
        if query.is_empty() {
            return Self::default();
        }
        let names = form_urlencoded::parse(query.as_bytes())
            .filter(|(key, _)| key == "$expand")
            .flat_map(|(_, names)| names.split(',').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        Self(names)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|wanted| wanted == name)
    }
}

/// The whole resource.
pub(crate) fn order(order: &Order, base: &str, expand: &Expand) -> Value {
    let mut body = json!({
        "id": order.path(),
        "created": timestamp(order.created_at),
        "updated": timestamp(order.updated_at),
        "operation": order.operation.name(),
        "status": order.status.name(),
        "currency": order.currency,
        "amount": order.amount,
        "vatAmount": order.vat_amount,
        "description": order.description,
        "initiatingSystemUserAgent": order.system_user_agent,
        "language": order.language,
        "availableInstruments": ["CreditCard"],
        "implementation": "PaymentsOnly",
        "integration": order.integration.name(),
        "instrumentMode": order.instrument_mode,
        "guestMode": order.payer_reference.is_none(),
    });
    if let Some(map) = body.as_object_mut() {
        insert_what_is_left(order, map);
        for (key, path) in PARTS {
            let value = if expand.has(path) {
                content(order, path)
            } else {
                json!({ "id": format!("{}/{path}", order.path()) })
            };
            map.insert(key.to_owned(), value);
        }
    }
    json!({ "paymentOrder": body, "operations": operations::list(order, base) })
}

/// One sub-resource, or `None` when there is none of that name.
pub(crate) fn part(order: &Order, path: &str) -> Option<Value> {
    let (key, path) = PARTS
        .iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(path))?;
    let mut body = Map::new();
    body.insert("paymentOrder".to_owned(), json!(order.path()));
    body.insert((*key).to_owned(), content(order, path));
    Some(Value::Object(body))
}

fn insert_what_is_left(order: &Order, map: &mut Map<String, Value>) {
    if order.status != Status::Paid {
        return;
    }
    for (key, left) in [
        ("remainingCaptureAmount", order.left_to_capture()),
        ("remainingCancellationAmount", order.left_to_capture()),
        ("remainingReversalAmount", order.left_to_reverse()),
    ] {
        if left > 0 {
            map.insert(key.to_owned(), json!(left));
        }
    }
}

fn content(order: &Order, path: &str) -> Value {
    let mut body = match path {
        "orderitems" => json!({ "orderItemList": order.items }),
        "urls" => urls(order),
        "payeeinfo" => payee_info(order),
        "payers" => json!({ "reference": order.payer_reference }),
        "history" => {
            json!({ "historyList": order.history.iter().map(history_event).collect::<Vec<_>>() })
        }
        "failed" => {
            json!({ "problem": order.failed.as_ref().map(super::problems::Problem::inner_json) })
        }
        "aborted" => json!({ "abortReason": order.abort_reason }),
        "paid" => outcome(order, order.paid.as_ref(), None),
        "cancelled" => {
            let mut body = outcome_when(order, Status::Cancelled, "Cancellation");
            body["cancelReason"] = json!(order.cancel_reason);
            body
        }
        "reversed" => outcome_when(order, Status::Reversed, "Reversal"),
        "financialtransactions" => {
            let list: Vec<Value> = order
                .transactions
                .iter()
                .map(|made| transaction(order, made))
                .collect();
            json!({ "financialTransactionsList": list })
        }
        "failedattempts" => json!({ "failedAttemptList": failed_attempts(order) }),
        "postpurchasefailedattempts" => {
            json!({ "postpurchaseFailedAttemptList": failed_post_purchases(order) })
        }
        _ => order.metadata.clone().unwrap_or_else(|| json!({})),
    };
    if let Some(map) = body.as_object_mut() {
        map.retain(|_, value| !value.is_null());
        map.insert("id".to_owned(), json!(format!("{}/{path}", order.path())));
    }
    body
}

fn urls(order: &Order) -> Value {
    let urls = &order.urls;
    json!({
        "hostUrls": urls.hosts,
        "completeUrl": urls.complete,
        "cancelUrl": urls.cancel,
        "paymentUrl": urls.payment,
        "callbackUrl": urls.callback,
        "logoUrl": urls.logo,
        "termsOfServiceUrl": urls.terms,
    })
}

fn payee_info(order: &Order) -> Value {
    json!({
        "payeeId": order.payee_id,
        "payeeReference": order.payee_reference,
        "payeeName": order.payee_name,
        "productCategory": order.product_category,
        "orderReference": order.merchant_reference,
    })
}

fn history_event(event: &HistoryEvent) -> Value {
    let mut body = json!({
        "created": timestamp(event.at),
        "name": event.name,
        "initiatedBy": event.initiated_by,
    });
    if let Some(number) = event.number {
        body["instrument"] = json!("CreditCard");
        body["number"] = json!(number);
    }
    if let Some(amount) = event.amount {
        body["amount"] = json!(amount);
    }
    body
}

/// `cancelled` and `reversed` look like `paid`, with the number of the last transaction that made
/// them so; before that they hold only their id.
fn outcome_when(order: &Order, status: Status, kind: &str) -> Value {
    if order.status != status {
        return outcome(order, None, None);
    }
    let last = order
        .transactions
        .iter()
        .rev()
        .find(|made| made.kind == kind);
    outcome(order, order.paid.as_ref(), last)
}

fn outcome(order: &Order, paid: Option<&Paid>, last: Option<&Transaction>) -> Value {
    let Some(paid) = paid else {
        return json!({ "paymentTokenGenerated": false });
    };
    let tokens: Vec<Value> = paid
        .tokens
        .iter()
        .map(|issued| {
            json!({
                "type": issued.kind,
                "token": issued.token,
                "name": paid.card.masked(),
                "expiryDate": paid.expiry,
            })
        })
        .collect();
    let mut body = json!({
        "instrument": "CreditCard",
        "number": last.map_or(paid.number, |made| made.number),
        "payeeReference": last.map_or(&order.payee_reference, |made| &made.payee_reference),
        "orderReference": order.merchant_reference,
        "transactionType": paid.transaction_type,
        "amount": last.map_or(paid.amount, |made| made.amount),
        "submittedAmount": paid.amount,
        "feeAmount": 0,
        "discountAmount": 0,
        "paymentTokenGenerated": paid.tokens.iter().any(|issued| issued.kind == "payment"),
        "details": details(paid),
    });
    if !tokens.is_empty() {
        body["tokens"] = Value::Array(tokens);
    }
    body
}

fn details(paid: &Paid) -> Value {
    let trace = paid.number % 100_000;
    json!({
        "cardBrand": paid.card.brand,
        "cardType": "Credit",
        "maskedPan": paid.card.masked(),
        "expiryDate": paid.expiry,
        "issuerAuthorizationApprovalCode": format!("L{trace:05}"),
        "acquirerTransactionType": paid.acquirer_type,
        "acquirerStan": trace.to_string(),
        "acquirerTerminalId": paid.number.to_string(),
        "acquirerTransactionTime": paid.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "transactionInitiator": paid.initiator,
        "bin": paid.card.bin(),
    })
}

fn transaction(order: &Order, made: &Transaction) -> Value {
    let id = format!("{}/financialtransactions/{}", order.path(), made.id);
    let mut body = json!({
        "id": id,
        "created": timestamp(made.at),
        "updated": timestamp(made.at),
        "type": made.kind,
        "number": made.number,
        "amount": made.amount,
        "vatAmount": made.vat_amount,
        "description": made.description,
        "payeeReference": made.payee_reference,
        "orderItems": { "id": format!("{id}/orderitems") },
    });
    if let Some(receipt) = &made.receipt_reference {
        body["receiptReference"] = json!(receipt);
    }
    body
}

fn failed_attempts(order: &Order) -> Vec<Value> {
    let attempts = order.failed_attempts.iter();
    attempts
        .map(|attempt| {
            json!({
                "created": timestamp(attempt.at),
                "instrument": "CreditCard",
                "number": attempt.number,
                "status": attempt.status,
                "problem": attempt.problem.inner_json(),
            })
        })
        .collect()
}

fn failed_post_purchases(order: &Order) -> Vec<Value> {
    let attempts = order.failed_post_purchases.iter();
    attempts
        .map(|attempt| {
            json!({
                "created": timestamp(attempt.at),
                "status": "Failed",
                "type": attempt.kind,
                "number": attempt.number,
                "problem": attempt.problem.inner_json(),
            })
        })
        .collect()
}

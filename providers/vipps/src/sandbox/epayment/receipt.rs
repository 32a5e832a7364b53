//! What a receipt in a create must hold. It is checked and not kept.

use serde_json::Value;

use crate::sandbox::fields::Fields;

const LINE_AMOUNTS: [&str; 3] = ["totalAmount", "totalAmountExcludingTax", "totalTaxAmount"];

/// Notes what is wrong with `receipt`, when there is one.
pub(crate) fn check(fields: &Fields<'_>) {
    let Some(receipt) = fields.find_object("receipt") else {
        return;
    };
    match receipt.value("orderLines").and_then(Value::as_array) {
        Some(lines) if !lines.is_empty() => {
            if !lines.iter().all(is_line) {
                let why = "needs name, id, whole amounts and a tax rate in every line";
                receipt.refuse("orderLines", why);
            }
        }
        _ => receipt.refuse("orderLines", "is required"),
    }
    let bottom = receipt.object("bottomLine");
    bottom.required_one_of("currency", &["NOK", "DKK", "EUR"]);
    receipt.close();
}

fn is_line(line: &Value) -> bool {
    ["name", "id"].iter().all(|key| line[key].is_string())
        && LINE_AMOUNTS.iter().all(|key| line[key].is_i64())
        && ["taxRate", "taxPercentage"]
            .iter()
            .any(|key| line[key].is_i64())
}

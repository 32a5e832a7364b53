//! What is read. Everything that PayEx has been seen to leave out is optional.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// A payment order with what may be done to it now.
#[derive(Debug, Deserialize)]
pub struct Answer {
    #[serde(rename = "paymentOrder", alias = "paymentorder")]
    pub order: Order,
    #[serde(default)]
    operations: Option<Vec<Link>>,
}

impl Answer {
    /// The link for `rel`. Presence means permission.
    pub fn find_link(&self, rel: &str) -> Option<&str> {
        self.operations
            .iter()
            .flatten()
            .find(|link| link.rel.as_deref() == Some(rel))
            .and_then(|link| link.href.as_deref())
    }
}

/// `id`, `status` and the amounts are what the adapter lives on; without the first two the answer
/// is not a v3.1 payment order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: String,
    pub status: String,
    pub operation: Option<String>,
    pub currency: Option<String>,
    pub amount: Option<i64>,
    pub remaining_capture_amount: Option<i64>,
    pub remaining_reversal_amount: Option<i64>,
    pub paid: Option<Paid>,
    pub cancelled: Option<Paid>,
    pub failed: Option<Failed>,
    #[serde(alias = "payeeinfo")]
    pub payee_info: Option<PayeeInfo>,
    pub financial_transactions: Option<FinancialTransactions>,
}

impl Order {
    /// A registration of a card without money.
    pub fn is_verify(&self) -> bool {
        self.operation.as_deref() == Some("Verify")
    }

    pub fn transactions(&self) -> Option<&[FinancialTransaction]> {
        self.financial_transactions.as_ref()?.list.as_deref()
    }
}

/// `paid`, and `cancelled`, which has the same shape. Unless expanded it is only an `id`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paid {
    pub order_reference: Option<String>,
    pub transaction_type: Option<String>,
    pub amount: Option<i64>,
    pub tokens: Option<Vec<Token>>,
}

#[derive(Debug, Deserialize)]
pub struct Token {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    pub token: Option<SecretString>,
}

#[derive(Debug, Deserialize)]
pub struct Failed {
    pub problem: Option<Problem>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PayeeInfo {
    pub order_reference: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct FinancialTransactions {
    #[serde(rename = "financialTransactionsList")]
    pub list: Option<Vec<FinancialTransaction>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FinancialTransaction {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub amount: Option<i64>,
    pub payee_reference: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Link {
    rel: Option<String>,
    href: Option<String>,
}

/// RFC 7807. The entries of `problems` quote phone numbers and tokens, hence no `Debug` in clear.
#[derive(Deserialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub title: Option<String>,
    pub problems: Option<Vec<ProblemEntry>>,
}

impl std::fmt::Debug for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Problem").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
pub struct ProblemEntry {
    pub name: Option<String>,
    pub description: Option<String>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

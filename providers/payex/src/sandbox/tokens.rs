//! Tokens that a payer agreed to, and their deletion.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};
use uuid::Uuid;

use super::api::{Answer, Call};
use super::cards::Card;
use super::problems::{Entry, Problem};
use super::state::locked;

/// The oldest tokens are forgotten beyond this many.
const TOKENS_KEPT: usize = 100_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Recurrence,
    Unscheduled,
    Payment,
}

impl Kind {
    /// The kind in a path, e.g. `recurrenceTokens`.
    fn read(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "recurrencetokens" => Self::Recurrence,
            "unscheduledtokens" => Self::Unscheduled,
            _ => Self::Payment,
        }
    }

    /// As `paid.tokens[].type` says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Recurrence => "recurrence",
            Self::Unscheduled => "unscheduled",
            Self::Payment => "payment",
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Recurrence => "RecurrenceToken",
            Self::Unscheduled => "UnscheduledToken",
            Self::Payment => "PaymentToken",
        }
    }

    pub(crate) fn unknown(self) -> Problem {
        let field = self.field();
        let problem = Problem::field(field, format!("The given {field} does not exist."));
        Problem {
            status: 404,
            ..problem
        }
    }

    pub(crate) fn inactive(self) -> Problem {
        let text = format!("The given {} is inactive.", self.field());
        Problem {
            status: 422,
            kind: "paymentorders/paymenttokeninactive",
            title: "Payment token is inactive",
            detail: text.clone(),
            // The real one says UnscheduledToken for every kind; `type` is what counts.
            entries: vec![Entry::new("UnscheduledToken", text)],
            hint: None,
        }
    }
}

/// One token. No `Debug`, because it is worth money.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) token: Uuid,
    pub(crate) kind: Kind,
    pub(crate) payee_id: String,
    pub(crate) payer_reference: Option<String>,
    pub(crate) card: &'static Card,
    /// `MM/YYYY`.
    pub(crate) expiry: String,
    pub(crate) deleted: bool,
    /// The issuer said never to try again.
    pub(crate) blocked: bool,
    /// Charges that were declined.
    pub(crate) failures: u32,
}

#[derive(Default)]
pub(crate) struct Tokens {
    by_id: HashMap<Uuid, Stored>,
    oldest_first: VecDeque<Uuid>,
    /// Of each payer of an account.
    by_payer: HashMap<(String, String), Vec<Uuid>>,
}

impl Tokens {
    pub(crate) fn keep(&mut self, stored: Stored) {
        let id = stored.token;
        if let Some(payer) = &stored.payer_reference {
            let payer = (stored.payee_id.clone(), payer.clone());
            self.by_payer.entry(payer).or_default().push(id);
        }
        self.by_id.insert(id, stored);
        self.oldest_first.push_back(id);
        if self.oldest_first.len() > TOKENS_KEPT {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self
            .oldest_first
            .pop_front()
            .and_then(|id| self.by_id.remove(&id));
        let Some(oldest) = oldest else { return };
        let Some(payer) = oldest.payer_reference else {
            return;
        };
        let payer = (oldest.payee_id, payer);
        if let Some(tokens) = self.by_payer.get_mut(&payer) {
            tokens.retain(|token| *token != oldest.token);
            if tokens.is_empty() {
                self.by_payer.remove(&payer);
            }
        }
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<&Stored> {
        self.by_id.get(&id)
    }

    pub(crate) fn find_mut(&mut self, id: Uuid) -> Option<&mut Stored> {
        self.by_id.get_mut(&id)
    }
}

/// Deletes one token.
///
/// # Errors
/// 400 for a malformed token or body, 404 for an unknown token, 422 for one that is deleted.
pub(crate) fn delete(call: &Call<'_>, kind: &str, token: &str) -> Answer {
    let kind = Kind::read(kind);
    let id = Uuid::parse_str(token)
        .map_err(|_| Problem::field(kind.field(), "The token must be a GUID."))?;
    check_body(call.body)?;
    let mut tokens = locked(&call.state.tokens);
    let stored = tokens
        .find_mut(id)
        .filter(|stored| stored.kind == kind && call.access.owns(&stored.payee_id))
        .ok_or_else(|| kind.unknown())?;
    if stored.deleted {
        return Err(kind.inactive());
    }
    stored.deleted = true;
    let body = match kind {
        Kind::Recurrence => json!({ "token": id, "isDeleted": true }),
        Kind::Unscheduled => described(stored, "token"),
        Kind::Payment => described(stored, "paymentToken"),
    };
    Ok((200, body))
}

/// The live tokens of a payer.
pub(crate) fn of_payer(call: &Call<'_>, payer: &str) -> Value {
    payer_owned(call, payer, |_| {})
}

/// Deletes all tokens of a payer.
///
/// # Errors
/// 400 for a wrong body.
pub(crate) fn delete_of_payer(call: &Call<'_>, payer: &str) -> Answer {
    check_body(call.body)?;
    Ok((
        200,
        payer_owned(call, payer, |stored| stored.deleted = true),
    ))
}

fn payer_owned(call: &Call<'_>, payer: &str, change: impl Fn(&mut Stored)) -> Value {
    let mut tokens = locked(&call.state.tokens);
    let ids: Vec<Uuid> = call
        .access
        .payees
        .iter()
        .filter_map(|payee| tokens.by_payer.get(&(payee.clone(), payer.to_owned())))
        .flatten()
        .copied()
        .collect();
    let mut list = Vec::new();
    for id in ids {
        if let Some(stored) = tokens.find_mut(id).filter(|stored| !stored.deleted) {
            let mut body = described(stored, "token");
            body["tokenType"] = json!(stored.kind.name());
            change(stored);
            list.push(body);
        }
    }
    json!({
        "payerOwnedTokens": {
            "id": format!("/psp/paymentorders/payerownedtokens/{payer}"),
            "payerReference": payer,
            "tokens": list,
        },
    })
}

fn described(stored: &Stored, key: &str) -> Value {
    let mut body = json!({
        "instrument": "CreditCard",
        "instrumentDisplayName": stored.card.masked(),
        "correlationId": Uuid::new_v4(),
        "instrumentParameters": {
            "cardBrand": stored.card.brand,
            "expiryDate": stored.expiry,
        },
    });
    body[key] = json!(stored.token);
    body
}

fn check_body(body: &Value) -> Result<(), Problem> {
    if body.get("state").and_then(Value::as_str) != Some("Deleted") {
        return Err(Problem::field("State", "The field State must be Deleted."));
    }
    let comment = body
        .get("comment")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if comment.trim().is_empty() {
        return Err(Problem::field("Comment", "The field Comment is required."));
    }
    Ok(())
}

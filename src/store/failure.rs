//! What can go wrong inside the store, and how it becomes a [`StoreError`].
//!
//! The databases name a broken rule differently: `PostgreSQL` gives the constraint's name, `SQLite`
//! the columns of a unique one. Both become the name that stands in the migrations. No value of a
//! row ever gets into an error.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use crate::ports::StoreError;

/// A failure that still knows whether anything was asked of the database.
#[derive(Debug)]
pub enum Failure {
    /// The transaction could not even begin: nothing was written, it may be tried again.
    NotStarted(String),
    Store(StoreError),
}

impl Failure {
    pub fn broken(why: impl Into<String>) -> Self {
        Self::Store(StoreError::Broken(why.into()))
    }

    pub fn unavailable(why: impl Into<String>) -> Self {
        Self::Store(StoreError::Unavailable(why.into()))
    }

    pub fn not_started(error: &Error) -> Self {
        Self::NotStarted(error.to_string())
    }

    /// Whether a write may be done again on another connection.
    pub const fn wrote_nothing(&self) -> bool {
        matches!(self, Self::NotStarted(_))
    }

    /// Whether something that may be done twice is worth doing again on another connection.
    pub const fn lost_connection(&self) -> bool {
        matches!(
            self,
            Self::NotStarted(_) | Self::Store(StoreError::Unavailable(_))
        )
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotStarted(why) => Self::Unavailable(why),
            Failure::Store(error) => error,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Error::DatabaseError(kind, information) = &error else {
            return Self::broken(error.to_string());
        };
        let message = information.message();
        match kind {
            DatabaseErrorKind::ForeignKeyViolation => {
                Self::Store(StoreError::Constraint(FOREIGN_KEY))
            }
            DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::CheckViolation => {
                match constraint_of(information.as_ref()) {
                    Some(name) => Self::Store(StoreError::Constraint(name)),
                    None => Self::broken(message),
                }
            }
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::SerializationFailure => Self::unavailable(message),
            _ if TRANSIENT.iter().any(|start| message.starts_with(start)) => {
                Self::unavailable(message)
            }
            _ => Self::broken(message),
        }
    }
}

/// Sentences of the databases for conditions that pass: shutting down or starting up, a lock or a
/// statement over its time limit, a deadlock's victim, another process writing.
const TRANSIENT: [&str; 7] = [
    "terminating connection",
    "the database system is",
    "canceling statement due to",
    "sorry, too many clients",
    "deadlock detected",
    "database is locked",
    "database table is locked",
];

/// `SQLite` does not tell which foreign key was broken, so nobody may depend on its name.
const FOREIGN_KEY: &str = "foreign_key";

/// Every named rule, with the columns by which `SQLite` tells of a unique one.
const RULES: &[(&str, &str)] = &[
    (
        "payments_external_reference_unique",
        "payments.client_code, payments.external_reference",
    ),
    ("payments_pkey", "payments.mcpay_ref"),
    ("operations_number_unique", "operations.number"),
    ("operations_pkey", "operations.id"),
    ("events_sequence_unique", "events.subject, events.sequence"),
    ("events_cursor_unique", "events.cursor"),
    ("events_id_unique", "events.id"),
    (
        "agreements_first_payment_unique",
        "agreements.first_payment",
    ),
    ("agreements_pkey", "agreements.id"),
    ("order_sets_payment_unique", "order_sets.mcpay_ref"),
    ("orders_pkey", "orders.order_id"),
    (
        "orders_external_order_id_unique",
        "orders.client_code, orders.external_order_id",
    ),
    (
        "webhook_registrations_account_unique",
        "webhook_registrations.account_id, webhook_registrations.public_url",
    ),
    ("webhook_registrations_complete", ""),
    ("payments_profile_known", ""),
    ("payments_capture_known", ""),
    ("payments_capture_reserved_within_authorized", ""),
    ("payments_refund_reserved_within_captured", ""),
    ("oauth_secrets_generation_positive", ""),
    ("order_sets_status_known", ""),
    ("orders_id_fits_53_bits", ""),
    ("orders_currency_has_three_letters", ""),
    ("orders_amount_not_negative", ""),
    ("orders_refunds_within_amount", ""),
    ("orders_coupon_complete", ""),
    ("orders_status_known", ""),
    (
        "accounts_current_unique",
        "accounts.client_code, accounts.provider",
    ),
    ("accounts_pkey", "accounts.id"),
    ("payments_currency_has_three_letters", ""),
    ("payments_amount_not_negative", ""),
    ("payments_vat_within_amount", ""),
    ("payments_authorized_within_amount", ""),
    ("payments_captured_within_authorized", ""),
    ("payments_refunded_within_captured", ""),
    ("payments_status_known", ""),
    ("payments_coupon_complete", ""),
    ("payments_agreement_complete", ""),
    ("agreements_currency_has_three_letters", ""),
    ("agreements_amount_not_negative", ""),
    ("agreements_status_known", ""),
    ("agreements_active_with_token", ""),
    ("operations_number_has_12_digits", ""),
    ("operations_amount_not_negative", ""),
    ("operations_status_known", ""),
    ("idempotency_keys_answer_complete", ""),
    ("events_sequence_positive", ""),
    ("clients_currency_has_three_letters", ""),
    ("clients_capture_known", ""),
    ("clients_rates_positive", ""),
    ("clients_times_not_negative", ""),
    ("coupons_currency_has_three_letters", ""),
    ("coupons_price_not_negative", ""),
    ("coupons_period_complete", ""),
];

fn constraint_of(
    information: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Option<&'static str> {
    if let Some(name) = information.constraint_name() {
        return RULES.iter().map(|rule| rule.0).find(|rule| *rule == name);
    }
    let message = information.message();
    if let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") {
        return RULES
            .iter()
            .find(|rule| rule.1 == columns)
            .map(|rule| rule.0);
    }
    let name = message.strip_prefix("CHECK constraint failed: ")?;
    RULES.iter().map(|rule| rule.0).find(|rule| *rule == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const POSTGRES: &str = concat!(
        include_str!("../../migrations/postgres/0001_first/up.sql"),
        include_str!("../../migrations/postgres/0002_after_the_payment/up.sql"),
        include_str!("../../migrations/postgres/0003_webhooks_and_profiles/up.sql"),
    );
    const SQLITE: &str = concat!(
        include_str!("../../migrations/sqlite/0001_first/up.sql"),
        include_str!("../../migrations/sqlite/0002_after_the_payment/up.sql"),
        include_str!("../../migrations/sqlite/0003_webhooks_and_profiles/up.sql"),
    );
    /// Rules of the first migration that a later one took back.
    const TAKEN_BACK: [&str; 1] = ["idempotency_keys_payment_unique"];

    fn named_rules(migration: &str) -> BTreeSet<&str> {
        let words: Vec<&str> = migration.split_whitespace().collect();
        let names = words.windows(3).filter_map(|words| match words {
            ["CONSTRAINT", name, "UNIQUE" | "CHECK"] | ["UNIQUE", "INDEX", name] => Some(*name),
            _ => None,
        });
        names.filter(|name| !TAKEN_BACK.contains(name)).collect()
    }

    #[test]
    fn every_named_rule_of_the_migrations_is_told_by_its_name() {
        let told: BTreeSet<&str> = RULES.iter().map(|rule| rule.0).collect();
        let rules = named_rules(POSTGRES);
        assert!(
            rules.len() > 30 && rules.is_subset(&told),
            "{:?}",
            rules.difference(&told)
        );
        assert_eq!(rules, named_rules(SQLITE));
        // The rest are primary keys, which PostgreSQL names by itself.
        assert!(told.difference(&rules).all(|name| name.ends_with("_pkey")));
    }
}

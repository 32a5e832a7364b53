//! What a payer has done on the landing page, and who they are then: the same for payments and
//! agreements.

use chrono::{DateTime, Utc};
use url::Url;

use super::person::{self, Consent, SOMEBODY};
use super::state::{State, locked};

/// A visit to the landing page. No `Debug`: it has a phone number.
#[derive(Clone, Default)]
pub(crate) struct Visit {
    /// From the merchant, until the payer gives one.
    pub(crate) phone: Option<String>,
    /// The payer said where the app is.
    pub(crate) is_known: bool,
    pub(crate) has_consented: bool,
    pub(crate) scope: Vec<&'static str>,
    pub(crate) return_url: Option<Url>,
    /// Why the last attempt did not succeed.
    pub(crate) alarm: Option<&'static str>,
    subject: Option<Subject>,
}

/// The payer's name at the sales unit, told only after a while.
#[derive(Clone)]
struct Subject {
    sub: String,
    told_at: DateTime<Utc>,
}

impl Visit {
    pub(crate) fn new(
        phone: Option<String>,
        scope: Vec<&'static str>,
        return_url: Option<Url>,
    ) -> Self {
        Self {
            phone,
            scope,
            return_url,
            ..Self::default()
        }
    }

    pub(crate) fn phone(&self) -> &str {
        self.phone.as_deref().unwrap_or(SOMEBODY)
    }

    /// Whether the payer still has to say what may be told.
    pub(crate) fn lacks_consent(&self) -> bool {
        !self.scope.is_empty() && !self.has_consented
    }

    /// The payer approved: what they permitted is told from now on.
    pub(crate) fn approve(&mut self, state: &State, unit: &str, at_once: bool) {
        if self.scope.is_empty() {
            return;
        }
        self.has_consented = true;
        let now = state.now();
        let delay = locked(&state.rules).sub_delay();
        let sub = person::sub(unit, self.phone());
        let consent = Consent {
            scope: self.scope.clone(),
            phone: self.phone().to_owned(),
            given_at: now,
        };
        locked(&state.consents).insert((unit.to_owned(), sub.clone()), consent);
        let told_at = if at_once { now } else { now + delay };
        self.subject = Some(Subject { sub, told_at });
    }

    /// The payer's name, once it is told.
    pub(crate) fn sub(&self, now: DateTime<Utc>) -> Option<&str> {
        let subject = self.subject.as_ref()?;
        (now >= subject.told_at).then_some(subject.sub.as_str())
    }
}

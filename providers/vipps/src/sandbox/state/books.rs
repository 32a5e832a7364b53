//! Where payments, agreements and charges are found.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use super::{SharedAgreement, SharedPayment};
use crate::sandbox::epayment::payment::Payment;
use crate::sandbox::recurring::agreement::Agreement;

/// The oldest are forgotten beyond this many, so that a load test does not fill the memory.
const KEPT: usize = 100_000;

/// What a payer has before them.
#[derive(Clone)]
pub(crate) enum Target {
    Payment(SharedPayment),
    Agreement(SharedAgreement),
}

/// The sales unit, and a name in it.
type Key = (String, String);

#[derive(Default)]
pub(crate) struct Books {
    payments: HashMap<Key, SharedPayment>,
    agreements: HashMap<Key, SharedAgreement>,
    /// Agreements of one sales unit, oldest first.
    by_unit: HashMap<String, Vec<SharedAgreement>>,
    charges: HashMap<Key, SharedAgreement>,
    by_landing: HashMap<String, Target>,
    /// What the merchant calls by this name, oldest first.
    by_reference: HashMap<String, Vec<Target>>,
    oldest_first: VecDeque<Entry>,
}

struct Entry {
    key: Key,
    landing: String,
    reference: String,
    target: Target,
}

impl Books {
    pub(crate) fn find_payment(&self, unit: &str, reference: &str) -> Option<SharedPayment> {
        let key = (unit.to_owned(), reference.to_owned());
        self.payments.get(&key).cloned()
    }

    pub(crate) fn find_agreement(&self, unit: &str, id: &str) -> Option<SharedAgreement> {
        let key = (unit.to_owned(), id.to_owned());
        self.agreements.get(&key).cloned()
    }

    /// The agreement that a charge belongs to.
    pub(crate) fn find_charge(&self, unit: &str, id: &str) -> Option<SharedAgreement> {
        let key = (unit.to_owned(), id.to_owned());
        self.charges.get(&key).cloned()
    }

    pub(crate) fn find_landing(&self, token: &str) -> Option<Target> {
        self.by_landing.get(token).cloned()
    }

    pub(crate) fn of_reference(&self, reference: &str) -> Vec<Target> {
        self.by_reference
            .get(reference)
            .cloned()
            .unwrap_or_default()
    }

    pub(crate) fn agreements_of(&self, unit: &str) -> Vec<SharedAgreement> {
        self.by_unit.get(unit).cloned().unwrap_or_default()
    }

    /// False when the name is another charge's.
    pub(crate) fn add_charge(&mut self, unit: &str, id: &str, agreement: &SharedAgreement) -> bool {
        let key = (unit.to_owned(), id.to_owned());
        if self.charges.contains_key(&key) {
            return false;
        }
        self.charges.insert(key, Arc::clone(agreement));
        true
    }

    pub(super) fn keep_payment(&mut self, payment: Payment) -> (SharedPayment, Option<Target>) {
        let key = (payment.unit.clone(), payment.reference.clone());
        let (landing, reference) = (payment.landing.clone(), payment.reference.clone());
        let shared = Arc::new(Mutex::new(payment));
        self.payments.insert(key.clone(), Arc::clone(&shared));
        let target = Target::Payment(Arc::clone(&shared));
        let entry = Entry {
            key,
            landing,
            reference,
            target,
        };
        (shared, self.keep(entry))
    }

    pub(super) fn keep_agreement(
        &mut self,
        agreement: Agreement,
    ) -> (SharedAgreement, Option<Target>) {
        let key = (agreement.name.unit.clone(), agreement.name.id.clone());
        let (landing, reference) = (agreement.landing.clone(), agreement.reference());
        let shared = Arc::new(Mutex::new(agreement));
        self.agreements.insert(key.clone(), Arc::clone(&shared));
        let of_unit = self.by_unit.entry(key.0.clone()).or_default();
        of_unit.push(Arc::clone(&shared));
        let target = Target::Agreement(Arc::clone(&shared));
        let entry = Entry {
            key,
            landing,
            reference,
            target,
        };
        (shared, self.keep(entry))
    }

    fn keep(&mut self, entry: Entry) -> Option<Target> {
        self.by_landing
            .insert(entry.landing.clone(), entry.target.clone());
        let named = self
            .by_reference
            .entry(entry.reference.clone())
            .or_default();
        named.push(entry.target.clone());
        self.oldest_first.push_back(entry);
        if self.oldest_first.len() > KEPT {
            let oldest = self.oldest_first.pop_front()?;
            self.drop_entry(&oldest);
            return Some(oldest.target);
        }
        None
    }

    fn drop_entry(&mut self, oldest: &Entry) {
        self.by_landing.remove(&oldest.landing);
        if let Some(named) = self.by_reference.get_mut(&oldest.reference) {
            // They are kept in the order in which they came.
            named.remove(0);
            if named.is_empty() {
                self.by_reference.remove(&oldest.reference);
            }
        }
        match &oldest.target {
            Target::Payment(_) => {
                self.payments.remove(&oldest.key);
            }
            Target::Agreement(agreement) => {
                self.agreements.remove(&oldest.key);
                if let Some(of_unit) = self.by_unit.get_mut(&oldest.key.0) {
                    of_unit.retain(|other| !Arc::ptr_eq(other, agreement));
                }
            }
        }
    }

    pub(super) fn forget_charges(&mut self, agreement: &Agreement) {
        for charge in &agreement.charges {
            self.charges
                .remove(&(agreement.name.unit.clone(), charge.id.clone()));
        }
    }
}

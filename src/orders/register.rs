//! Register: a merchant's backend tells of an order (CONTRACT 5, 8.5).
//!
//! With a payment, the order and its claim are one transaction, and the money is taken afterwards.
//! What must never happen here: two orders for one payment, or a claim on a payment that the
//! provider does not call successful.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::DateTime;
use chrono::Utc;

use super::body::{Named, Object, OrderRequest, find_external_id, find_payment_ref, read_order};
use super::order::{Order, OrderId, OrderSet, OrderStatus, SetId, SetStatus};
use super::ports::Registration;
use super::service::{OrderTrouble, Orders, TRIES};
use super::state::{Standing, standing_of};
use super::tell::Circumstances;
use crate::clients::{CapturePolicy, ClientCode, ClientProfile};
use crate::events::EventType;
use crate::payments::Trouble;
use crate::payments::automatic::automatic_capture;
use crate::payments::payment::{Payment, Status};
use crate::payments::ports::{Change, Saved};
use crate::payments::terms::FieldError;
use crate::ports::StoreError;

/// A body and what was made of it.
struct Draft<'a> {
    profile: &'a ClientProfile,
    body: &'a [u8],
    hash: [u8; 32],
    object: &'a Object,
}

impl Orders {
    /// Registers what `body` tells of, or finds that it was registered before.
    pub async fn register(
        &self,
        profile: &ClientProfile,
        body: &[u8],
    ) -> Result<OrderId, OrderTrouble> {
        let object = Object::read(body).ok_or_else(no_object)?;
        let draft = Draft {
            profile,
            body,
            hash: hash_of(body),
            object: &object,
        };
        for _ in 0..TRIES {
            if let Some(id) = self.try_to_register(&draft).await? {
                return Ok(id);
            }
        }
        Err(OrderTrouble::overtaken())
    }

    /// `None` when somebody was faster, so that everything must be looked at again.
    async fn try_to_register(&self, draft: &Draft<'_>) -> Result<Option<OrderId>, OrderTrouble> {
        let client = &draft.profile.client.code;
        if let Some(external_id) = find_external_id(draft.object)
            && let Some(known) = self.store.find_registered(client, &external_id).await?
        {
            return if known.body_hash == draft.hash {
                Ok(Some(known.id))
            } else {
                let why = "This externalOrderId was registered before with another body.";
                Err(OrderTrouble::StateConflict(why.into()))
            };
        }
        let named = self.find_named(client, draft.object).await?;
        let named = match &named {
            None => Named::Nothing,
            Some(None) => Named::Unknown,
            Some(Some(payment)) => Named::Payment(payment),
        };
        let request =
            read_order(draft.object, draft.profile, named).map_err(OrderTrouble::Fields)?;
        let Some(payment) = named.payment() else {
            let registration = self.registration(draft, request, None);
            return self.store_registration(registration).await;
        };
        if let Some(known) = self.find_claiming(payment).await? {
            return if known.body_hash == draft.hash {
                Ok(Some(known.id))
            } else {
                let why = "The payment stands for another order already.";
                Err(OrderTrouble::StateConflict(why.into()))
            };
        }
        let payment = self.payments.inquire(payment.reference).await?;
        check_claimable(&payment)?;
        let registration = self.registration(draft, request, Some(payment));
        self.store_registration(registration).await
    }

    /// The payment that the body names: the outer `None` when it names none, the inner one when it
    /// is not this client's, which looks the same as one that does not exist.
    async fn find_named(
        &self,
        client: &ClientCode,
        body: &Object,
    ) -> Result<Option<Option<Payment>>, OrderTrouble> {
        let Some(named) = find_payment_ref(body) else {
            return Ok(None);
        };
        let Some(reference) = named else {
            return Ok(Some(None));
        };
        match self.payments.get_payment(reference).await {
            Ok(payment) => Ok(Some(Some(payment).filter(|found| found.client == *client))),
            Err(Trouble::NotFound) => Ok(Some(None)),
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// An order that stands for the payment.
    async fn find_claiming(&self, payment: &Payment) -> Result<Option<Order>, OrderTrouble> {
        let Some(set) = self.store.find_set_of(payment.reference).await? else {
            return Ok(None);
        };
        let bundle = self.get_bundle(set).await?;
        if bundle.set.status == SetStatus::Dissolved {
            return Ok(None);
        }
        Ok(bundle.orders.into_iter().next())
    }

    fn registration(
        &self,
        draft: &Draft<'_>,
        request: OrderRequest,
        payment: Option<Payment>,
    ) -> Registration {
        let now = self.clock.now();
        let client = &draft.profile.client.code;
        let set = payment.as_ref().map(|payment| OrderSet {
            id: SetId(self.ids.uuid()),
            client: client.clone(),
            payment: payment.reference,
            status: SetStatus::Open,
            return_url: None,
            // Nothing was looked at yet: after a crash right now the job does it.
            seen_version: 0,
            created_at: now,
        });
        let mut order = Order {
            id: self.new_order_id(),
            client: client.clone(),
            external_id: request.external_id,
            body_hash: draft.hash,
            method: request.method,
            amount: request.amount,
            vat: request.vat,
            coupon: request.coupon,
            recurring: request.recurring,
            prepaid: request.prepaid,
            set: set.as_ref().map(|set| set.id),
            status: OrderStatus::Preliminary,
            version: 0,
            event_sequence: 0,
            registered_at: now,
            ended_at: None,
        };
        let circumstances = Circumstances {
            payment: payment.as_ref().map(|payment| payment.reference),
            reason: None,
        };
        let event = order.tell(
            EventType::OrderRegistered,
            circumstances,
            self.ids.uuid(),
            now,
        );
        Registration {
            order,
            body: draft.body.to_vec().into(),
            set,
            claim: payment.map(|payment| self.claim(payment, now)),
            events: vec![event],
        }
    }

    /// The order stands for the payment from now on; under `on_order` all that is left is taken.
    fn claim(&self, mut payment: Payment, now: DateTime<Utc>) -> Change {
        payment.claimed = true;
        payment.release_at = None;
        let capture = match payment.terms.capture {
            CapturePolicy::OnOrder => automatic_capture(&mut payment, now, self.ids.as_ref()),
            CapturePolicy::Immediate | CapturePolicy::Manual => None,
        };
        Change {
            next_operation: capture,
            ..Change::of(payment)
        }
    }

    async fn store_registration(
        &self,
        registration: Registration,
    ) -> Result<Option<OrderId>, OrderTrouble> {
        match self.store.register(&registration).await {
            Ok(Saved::Saved) => {}
            Ok(Saved::Overtaken)
            | Err(StoreError::Constraint(
                "orders_pkey" | "orders_external_order_id_unique" | "order_sets_payment_unique",
            )) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        self.events_written.wake();
        if let Some(set) = registration.set {
            self.payments.carry_on(set.payment);
            if let Err(error) = self.follow(set.id).await {
                tracing::warn!(order = %registration.order.id, %error, "the job follows it");
            }
        }
        Ok(Some(registration.order.id))
    }

    fn new_order_id(&self) -> OrderId {
        loop {
            if let Some(id) = OrderId::from_random(&self.ids.key()) {
                return id;
            }
        }
    }
}

/// Only what the provider calls successful, and what nobody has taken back, can be claimed.
fn check_claimable(payment: &Payment) -> Result<(), OrderTrouble> {
    let amounts = &payment.amounts;
    let why = if payment.status.is_pending() {
        "The payment is not finished; the provider says that the payer has not paid yet."
    } else if !matches!(payment.status, Status::Authorized | Status::Captured) {
        "The payment did not succeed, or its money went back to the payer."
    } else if payment.claimed {
        "The payment stands for another order already."
    } else if !amounts.refunded.is_zero() || !payment.reserved.refunded.is_zero() {
        "A part of the payment was refunded already."
    } else if standing_of(payment) == Standing::Refused {
        "The provider refused to capture the payment."
    } else {
        return Ok(());
    };
    Err(OrderTrouble::StateConflict(why.into()))
}

fn no_object() -> OrderTrouble {
    let message = "must be a JSON object.";
    OrderTrouble::Fields(vec![FieldError::new("body", "invalid", message)])
}

fn hash_of(body: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, body).as_ref());
    hash
}

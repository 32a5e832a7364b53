//! Agreements.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::PaymentRef;
use secrecy::ExposeSecret;

use super::{Conn, Failure};
use crate::payments::agreement::{Activation, NewAgreement};
use crate::store::rows::agreement::{ACTIVE, AgreementRow, PENDING};
use crate::store::rows::stored;
use crate::store::schema::agreements;
use crate::store::sealing::{MasterKey, Place};

pub async fn insert(conn: &mut Conn, agreement: &NewAgreement) -> Result<(), Failure> {
    diesel::insert_into(agreements::table)
        .values(AgreementRow::of(agreement))
        .execute(conn)
        .await?;
    Ok(())
}

/// # Errors
/// Broken when the payment opened no such agreement, or when it is not waiting for its token: a
/// permission to charge must never be lost or replaced silently.
pub async fn activate(
    conn: &mut Conn,
    first_payment: PaymentRef,
    activation: &Activation,
    master_key: &MasterKey,
) -> Result<(), Failure> {
    let id = activation.id.to_string();
    let place = Place::new("agreements", "token", &[&id]);
    let token = master_key.seal(&place, activation.token.expose_secret().as_bytes())?;
    let written = diesel::update(agreements::table)
        .filter(agreements::id.eq(&id))
        .filter(agreements::first_payment.eq(first_payment.to_string()))
        .filter(agreements::status.eq(PENDING))
        .set((
            agreements::status.eq(ACTIVE),
            agreements::token.eq(token),
            agreements::activated_at.eq(stored(activation.activated_at)),
        ))
        .execute(conn)
        .await?;
    if written == 1 {
        Ok(())
    } else {
        Err(Failure::broken(
            "the payment has no agreement that waits for its token",
        ))
    }
}

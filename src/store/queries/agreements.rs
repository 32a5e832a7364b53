//! Agreements.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::{AgreementId, PaymentRef};
use secrecy::{ExposeSecret, SecretString};

use super::{Conn, Failure};
use crate::payments::agreement::{Activation, Agreement, AgreementStatus, NewAgreement, Stopped};
use crate::payments::payment::Status;
use crate::store::rows::agreement::{AgreementRow, StoredAgreementRow};
use crate::store::rows::stored;
use crate::store::schema::{agreements, payments};
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
    let place = token_place(&id);
    let token = master_key.seal(&place, activation.token.expose_secret().as_bytes())?;
    let written = diesel::update(agreements::table)
        .filter(agreements::id.eq(&id))
        .filter(agreements::first_payment.eq(first_payment.to_string()))
        .filter(agreements::status.eq(AgreementStatus::Pending.as_str()))
        .set((
            agreements::status.eq(AgreementStatus::Active.as_str()),
            agreements::token.eq(token),
            agreements::activated_at.eq(stored(activation.activated_at)),
            agreements::version.eq(agreements::version + 1),
            // Its activation is told in the same transaction.
            agreements::event_sequence.eq(1),
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

fn token_place(id: &str) -> Place {
    Place::new("agreements", "token", &[id])
}

/// False when the agreement has another version than the change was made from.
pub async fn stop(conn: &mut Conn, stopped: &Stopped) -> Result<bool, Failure> {
    let written = diesel::update(agreements::table)
        .filter(agreements::id.eq(stopped.id.to_string()))
        .filter(agreements::version.eq(stopped.version))
        .filter(agreements::status.eq(AgreementStatus::Active.as_str()))
        .set((
            agreements::status.eq(AgreementStatus::Stopped.as_str()),
            agreements::stopped_at.eq(stored(stopped.stopped_at)),
            agreements::version.eq(agreements::version + 1),
            agreements::event_sequence.eq(agreements::event_sequence + 1),
        ))
        .execute(conn)
        .await?;
    if written == 1 && stopped.forget_token {
        diesel::update(agreements::table)
            .filter(agreements::id.eq(stopped.id.to_string()))
            .set(agreements::token.eq(None::<Vec<u8>>))
            .execute(conn)
            .await?;
    }
    Ok(written == 1)
}

/// One that waits for its day has no time to be asked about.
pub async fn has_open_charge(conn: &mut Conn, id: AgreementId) -> Result<bool, Failure> {
    let open = [Status::Initiated.as_str(), Status::Unknown.as_str()];
    let charges = payments::table
        .filter(payments::charge_of.eq(id.to_string()))
        .filter(payments::status.eq_any(open))
        .filter(payments::inquire_at.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(charges))
        .get_result(conn)
        .await?)
}

pub async fn find_agreement(
    conn: &mut Conn,
    id: AgreementId,
) -> Result<Option<Agreement>, Failure> {
    let found: Option<StoredAgreementRow> = agreements::table
        .filter(agreements::id.eq(id.to_string()))
        .select(StoredAgreementRow::as_select())
        .first(conn)
        .await
        .optional()?;
    let Some(row) = found else {
        return Ok(None);
    };
    let method: String = payments::table
        .filter(payments::mcpay_ref.eq(&row.first_payment))
        .select(payments::method)
        .first(conn)
        .await?;
    row.read(&method).map(Some)
}

pub async fn find_token(
    conn: &mut Conn,
    id: AgreementId,
    master_key: &MasterKey,
) -> Result<Option<SecretString>, Failure> {
    let id = id.to_string();
    let sealed: Option<Option<Vec<u8>>> = agreements::table
        .filter(agreements::id.eq(&id))
        .select(agreements::token)
        .first(conn)
        .await
        .optional()?;
    let Some(sealed) = sealed.flatten() else {
        return Ok(None);
    };
    let token = master_key.open_text(&token_place(&id), &sealed)?;
    Ok(Some(SecretString::from(token.as_str())))
}

/// Charges are always counted on; a first payment is once an order stands for it.
pub async fn has_claimed_reservation(conn: &mut Conn, id: AgreementId) -> Result<bool, Failure> {
    let id = id.to_string();
    let counted_on = payments::charge_of
        .eq(&id)
        .assume_not_null()
        .or(payments::agreement_id
            .eq(&id)
            .assume_not_null()
            .and(payments::claimed));
    let reserved = payments::table
        .filter(payments::status.eq(Status::Authorized.as_str()))
        .filter(counted_on);
    Ok(diesel::select(diesel::dsl::exists(reserved))
        .get_result(conn)
        .await?)
}

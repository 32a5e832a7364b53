//! Orders as far as refunds of their payment are concerned.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use mcpay_port::{Money, PaymentRef};

use super::{Conn, Failure};
use crate::payments::ports::{OrderRefund, PaidOrder};
use crate::store::rows::currency;
use crate::store::schema::{order_sets, orders};

/// A set that no longer stands for its payment.
const DISSOLVED: &str = "dissolved";

pub async fn find_paid_orders(
    conn: &mut Conn,
    payment: PaymentRef,
) -> Result<Vec<PaidOrder>, Failure> {
    let found: Vec<(i64, String, i64, i64)> = orders::table
        .inner_join(order_sets::table)
        .filter(order_sets::mcpay_ref.eq(payment.to_string()))
        .filter(order_sets::status.ne(DISSOLVED))
        .order(orders::order_id)
        .select((
            orders::order_id,
            orders::currency,
            orders::amount_minor,
            orders::refund_reserved_minor,
        ))
        .load(conn)
        .await?;
    found
        .into_iter()
        .map(|(order, code, amount, reserved)| {
            let currency = currency(&code, "orders.currency")?;
            Ok(PaidOrder {
                order,
                amount: Money::new(amount, currency),
                refund_reserved: Money::new(reserved, currency),
            })
        })
        .collect()
}

/// # Errors
/// The constraint `orders_refunds_within_amount` when the order has less left; broken when the
/// payment does not pay for the order.
pub async fn reserve_refund(
    conn: &mut Conn,
    payment: PaymentRef,
    refund: &OrderRefund,
) -> Result<(), Failure> {
    let of_payment = order_sets::table
        .filter(order_sets::mcpay_ref.eq(payment.to_string()))
        .select(order_sets::id.nullable());
    let written = diesel::update(orders::table)
        .filter(orders::order_id.eq(refund.order))
        .filter(orders::currency.eq(refund.amount.currency().code()))
        .filter(orders::set_id.eq_any(of_payment))
        .set(
            orders::refund_reserved_minor.eq(orders::refund_reserved_minor + refund.amount.minor()),
        )
        .execute(conn)
        .await?;
    if written == 1 {
        Ok(())
    } else {
        Err(Failure::broken("the payment pays for no such order"))
    }
}

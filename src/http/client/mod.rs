//! The client API (CONTRACT 5): what a merchant's own servers call, each with a bearer token. Every
//! handler takes a [`super::bearer::Backend`]. One line a file; each has its own `routes`.

pub mod agreement;
mod ask;
pub mod coupon;
pub mod event;
pub mod fulfillment;
pub mod members;
pub mod order;
pub mod payment;
pub mod told;

use actix_web::web::ServiceConfig;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(coupon::routes)
        .configure(event::routes)
        .configure(payment::routes)
        .configure(agreement::routes)
        .configure(order::routes)
        .configure(fulfillment::routes);
}

//! The client API (CONTRACT 5): what a merchant's own servers call, each with a bearer token. Every
//! handler takes a [`super::bearer::Backend`]. One line a file; each has its own `routes`.

pub mod event;
pub mod fulfillment;
pub mod order;

use actix_web::web::ServiceConfig;

pub fn routes(config: &mut ServiceConfig) {
    config.configure(event::routes);
    config.configure(order::routes);
    config.configure(fulfillment::routes);
}

//! The login server's part (CONTRACT 5): tokens for backends, and the page where payers pay for
//! orders. One line a file; each has its own `routes`.

pub mod fulfillment;
pub mod token;

use actix_web::web::ServiceConfig;

pub fn routes(config: &mut ServiceConfig) {
    config.configure(token::routes);
    config.configure(fulfillment::routes);
}

//! The client API (CONTRACT 5): what merchant backends call with a bearer token.

pub mod agreement;
mod ask;
pub mod members;
pub mod payment;
pub mod told;

use actix_web::web::ServiceConfig;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(payment::routes)
        .configure(agreement::routes);
}

//! The login server's part (CONTRACT 5): tokens for backends. One line a file; each has its own
//! `routes`.

pub mod token;

use actix_web::web::ServiceConfig;

pub fn routes(config: &mut ServiceConfig) {
    config.configure(token::routes);
}

//! Agreements as their merchant sees them: read, charge, stop (CONTRACT 5 and 8.4).

pub mod charge;
pub mod read;
pub mod stop;

use actix_web::web::ServiceConfig;

use crate::http::method::refuse_other_methods;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(read::read)
        .service(charge::charge)
        .service(stop::stop);
    let methods = [
        ("/agreement/{agreementId}", "GET"),
        ("/agreement/{agreementId}/charge", "POST"),
        ("/agreement/{agreementId}/stop", "POST"),
    ];
    refuse_other_methods(config, &methods);
}

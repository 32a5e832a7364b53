//! The demo shop: what a merchant's own server would do (sign tokens, show and manage payments), and
//! the files of its pages. Mounted by `mcpay demo` only.

mod files;
pub mod merchant;
mod payment;
mod sign;
mod told;
mod trials;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use secrecy::SecretString;
use url::Url;

use crate::clients::ClientCode;
use crate::events::ports::EventStore;

/// The demo shop's own settings; a real shop has the same on its server.
pub struct Shop {
    pub client: ClientCode,
    pub signing_secret: SecretString,
    pub public_url: Url,
    /// Where the simulated providers' pages and scripts come from.
    pub sandbox_origin: String,
    pub events: Arc<dyn EventStore>,
    /// What the shop's own backend calls the client API with.
    pub backend: merchant::Backend,
}

pub fn routes(config: &mut ServiceConfig, shop: &Data<Shop>) {
    config
        .app_data(shop.clone())
        .service(sign::shop_config)
        .service(sign::sign)
        .service(payment::payment)
        .service(told::events)
        .configure(merchant::routes)
        .service(files::front_door)
        .service(files::home)
        .service(files::file);
}

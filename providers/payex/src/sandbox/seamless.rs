//! The script of the seamless view, made for one order.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::frame;
use super::state::{State, locked};

const SCRIPT: &str = include_str!("client.js");
/// Where the script takes the order's settings.
const SETTINGS: &str = "\"SETTINGS\"";

#[derive(Deserialize)]
struct Wanted {
    culture: Option<String>,
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.route("/checkout/client/{token}", web::get().to(script));
}

async fn script(state: Data<State>, token: Path<String>, wanted: Query<Wanted>) -> HttpResponse {
    let Some(shared) = state.find_by_view_token(&token) else {
        return HttpResponse::NotFound()
            .insert_header((CONTENT_TYPE, "application/javascript; charset=utf-8"))
            .body("// There is no payment order for this link.\n");
    };
    let settings = {
        let order = locked(&shared);
        json!({
            "paymentOrderId": order.path(),
            "frameUrl": format!("{}/checkout/{}/frame", state.base, order.view_token),
            "hosts": frame::origins(&order),
            "culture": wanted.culture.as_deref().unwrap_or(&order.language),
        })
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/javascript; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"))
        .body(SCRIPT.replacen(SETTINGS, &settings.to_string(), 1))
}

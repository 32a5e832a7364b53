//! `GET /vipps-userinfo-api/userinfo/{sub}`: who paid, for 168 hours after the payer permitted it.

use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::api::{Answer, Call, Needs, Reply, handle};
use super::problem::{Family, Problem};
use super::state::{State, locked};

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.route("/vipps-userinfo-api/userinfo/{sub}", web::get().to(get));
}

async fn get(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
    sub: Path<String>,
) -> HttpResponse {
    let needs = Needs::reads(Family::Userinfo);
    handle(state, request, body, needs, |call| tell(call, &sub)).await
}

fn tell(call: &Call<'_>, sub: &str) -> Answer {
    let consents = locked(&call.state.consents);
    consents
        .get(&(call.unit().to_owned(), sub.to_owned()))
        .filter(|consent| !consent.is_over(call.now))
        .map(|consent| Reply::json(200, consent.claims(sub)))
        .ok_or_else(|| Problem::not_found(Family::Userinfo, "Nobody permitted this, or no more."))
}

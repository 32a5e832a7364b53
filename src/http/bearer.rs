//! Who asks the client API: the bearer of a token (RFC 6750, CONTRACT 5).
//!
//! A valid token counts against its client's limit. Everything else counts against the address, so
//! that nobody can use up a client's limit without its token.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use url::form_urlencoded;

use super::app::App;
use super::error::too_many_requests;
use super::problem::{Code, Problem};
use super::rate_limit;
use crate::access::{Grant, InvalidToken};
use crate::clients::ClientProfile;

const MISSING: &str = "Bearer";
const INVALID: &str = "Bearer error=\"invalid_token\"";
const MISPLACED: &str = "Bearer error=\"invalid_request\"";

/// A merchant's backend with a valid token, already counted. A handler that takes it is closed to
/// everybody else; what belongs to another client must look to it as if it did not exist.
#[derive(Clone, Debug)]
pub struct Backend {
    pub client: Arc<ClientProfile>,
    /// What its token gives, for answers that take long: see [`crate::access::Access::holds`].
    pub grant: Grant,
}

impl FromRequest for Backend {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move { admit(&request).await }.boxed_local()
    }
}

async fn admit(request: &HttpRequest) -> Result<Backend, Problem> {
    let app = request
        .app_data::<Data<App>>()
        .ok_or_else(|| Problem::new(Code::Internal))?;
    let token = match read_token(request) {
        Ok(token) => token,
        Err(problem) => {
            count_address(app, request)?;
            return Err(problem);
        }
    };
    if !app.access.knows_key_of(&token) {
        // The store will be asked, which is more than a stranger gets for nothing.
        count_address(app, request)?;
    }
    let (grant, client) = match app.access.admit(&token).await {
        Ok(admitted) => admitted,
        Err(refused) => {
            count_address(app, request)?;
            return Err(refused.into());
        }
    };
    let settings = client.client.rate_limit;
    let allowance = app
        .limits
        .admit_client(&client.client.code, settings)
        .map_err(too_many_requests)?;
    rate_limit::note(request, allowance);
    Ok(Backend { client, grant })
}

/// Answers addresses under `/capi/v1` that do not exist.
pub async fn refuse_unknown(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    count_address(&app, &request)?;
    Err(Problem::detailed(
        Code::NotFound,
        "There is no such address.",
    ))
}

fn count_address(app: &App, request: &HttpRequest) -> Result<(), Problem> {
    let address = app.trusted_proxies.client_of(request);
    rate_limit::note(request, app.limits.admit_address(address, None)?);
    Ok(())
}

/// The token of the one `Authorization` header.
fn read_token(request: &HttpRequest) -> Result<String, Problem> {
    let mut query = form_urlencoded::parse(request.query_string().as_bytes());
    if query.any(|(name, _)| name == "access_token") {
        let detail = "An access token in the query ends up in logs. Send it in the header: \
                      Authorization: Bearer TOKEN, and take this one for known to others.";
        return Err(challenged(Code::InvalidRequest, MISPLACED, detail));
    }
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let (Some(header), None) = (headers.next(), headers.next()) else {
        let detail = "Send one header Authorization: Bearer TOKEN, with a token of \
                      POST /login/oauth/token.";
        return Err(challenged(Code::InvalidToken, MISSING, detail));
    };
    let token = header.to_str().ok().and_then(|header| {
        let (scheme, token) = header.split_once(' ')?;
        let token = token.trim_matches(' ');
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
    });
    token.ok_or_else(|| {
        let detail = "The Authorization header must be Bearer TOKEN, with a token of \
                      POST /login/oauth/token.";
        challenged(Code::InvalidToken, MISSING, detail)
    })
}

impl From<InvalidToken> for Problem {
    fn from(refused: InvalidToken) -> Self {
        match refused {
            InvalidToken::Invalid => {
                let detail = "The access token is not valid, has expired, or its secret was \
                              revoked. Get a new one from POST /login/oauth/token.";
                challenged(Code::InvalidToken, INVALID, detail)
            }
            InvalidToken::Store(error) => error.into(),
        }
    }
}

fn challenged(code: Code, challenge: &'static str, detail: &str) -> Problem {
    Problem {
        challenge: Some(challenge),
        ..Problem::detailed(code, detail)
    }
}

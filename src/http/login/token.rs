//! `POST /login/oauth/token`: OAuth 2.0 client credentials (RFC 6749, 4.4; CONTRACT 5).
//!
//! What OAuth has words for is answered in them; limits and failures of our own are problems.

mod credentials;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{Data, Payload, ServiceConfig, scope};
use actix_web::{HttpRequest, HttpResponse, post};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use self::credentials::{Form, Presented, read_credentials};
use crate::access::{IssueError, Issued};
use crate::http::app::App;
use crate::http::body::read_body;
use crate::http::method::refuse_other_methods;
use crate::http::problem::{Problem, ProblemBody};
use crate::http::rate_limit;

pub fn routes(config: &mut ServiceConfig) {
    let unkept = DefaultHeaders::new()
        .add(("cache-control", "no-store"))
        .add(("pragma", "no-cache"));
    config.service(scope("/oauth").wrap(unkept).configure(|config| {
        config.service(token);
        refuse_other_methods(config, &[("/token", "POST")]);
    }));
}

/// The fields of the form, for the document; [`Form`] reads them.
#[allow(dead_code, reason = "it describes what is read elsewhere")]
#[derive(ToSchema)]
pub struct TokenRequest {
    #[schema(example = "client_credentials")]
    pub grant_type: String,
    /// The client code; with `client_secret`, where HTTP Basic is not used.
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    /// Ignored: a token may do everything its client may.
    pub scope: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct TokenAnswer<'a> {
    pub access_token: &'a str,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds.
    #[schema(example = 43200)]
    pub expires_in: i64,
}

/// What RFC 6749, 5.2 wants.
#[derive(Serialize, ToSchema)]
pub struct OauthErrorBody {
    /// `invalid_request`, `invalid_client` or `unsupported_grant_type`.
    pub error: &'static str,
    pub error_description: &'static str,
}

/// A refusal in OAuth's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    error: &'static str,
    description: &'static str,
}

impl Refusal {
    const fn request(description: &'static str) -> Self {
        Self {
            error: "invalid_request",
            description,
        }
    }
}

const INVALID_CLIENT: Refusal = Refusal {
    error: "invalid_client",
    description: "The client is not known or the secret is wrong. Send the client code and a \
                  secret of its apply file, by HTTP Basic or as client_id and client_secret.",
};

/// Gets a token for the client API.
///
/// The client authenticates by HTTP Basic or with `client_id` and `client_secret` in the form, not
/// both, and never in the query.
#[utoipa::path(
    tag = "Client",
    context_path = "/login/oauth",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenAnswer<'static>),
        (status = 400, body = OauthErrorBody),
        (status = 401, body = OauthErrorBody),
        (status = 413, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/token")]
pub async fn token(
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let address = app.trusted_proxies.client_of(&request);
    rate_limit::note(&request, app.limits.admit_address(address, None)?);
    let body = read_body(payload).await?;
    let presented = match read(&request, &body) {
        Ok(presented) => presented,
        Err(refusal) => return Ok(refuse(&request, refusal)),
    };
    let access = app.access.clone();
    let issued = app
        .run(async move { access.issue(&presented.readings).await })
        .await?;
    match issued {
        Ok(issued) => Ok(answer(&issued)),
        Err(IssueError::InvalidClient) => Ok(refuse(&request, INVALID_CLIENT)),
        Err(IssueError::Store(error)) => Err(error.into()),
    }
}

fn read(request: &HttpRequest, body: &[u8]) -> Result<Presented, Refusal> {
    let media = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    if !media.is_some_and(|media| media.trim().eq_ignore_ascii_case(FORM)) {
        return Err(Refusal::request(
            "The body must be application/x-www-form-urlencoded.",
        ));
    }
    let form = Form::read(body)?;
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        None => return Err(Refusal::request("grant_type is missing.")),
        Some(_) => {
            return Err(Refusal {
                error: "unsupported_grant_type",
                description: "Only grant_type=client_credentials is supported.",
            });
        }
    }
    read_credentials(request, form)
}

const FORM: &str = "application/x-www-form-urlencoded";

fn answer(issued: &Issued) -> HttpResponse {
    HttpResponse::Ok().json(TokenAnswer {
        access_token: issued.token.expose_secret(),
        token_type: "Bearer",
        expires_in: issued.expires_in_seconds,
    })
}

fn refuse(request: &HttpRequest, refusal: Refusal) -> HttpResponse {
    const AUTHORIZATION: HeaderName = actix_web::http::header::AUTHORIZATION;
    let is_unknown = refusal == INVALID_CLIENT;
    let status = if is_unknown {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut response = HttpResponse::build(status).json(OauthErrorBody {
        error: refusal.error,
        error_description: refusal.description,
    });
    if is_unknown && request.headers().contains_key(AUTHORIZATION) {
        let challenge = HeaderValue::from_static("Basic realm=\"mcpay\", charset=\"UTF-8\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

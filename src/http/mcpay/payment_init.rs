//! `POST /capi/mcpay/paymentInit`: start a payment (CONTRACT 4.1).

use std::sync::Mutex;
use std::sync::PoisonError;

use actix_web::http::header::{CONTENT_TYPE, ORIGIN, USER_AGENT};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use aws_lc_rs::digest::{SHA256, digest};
use mcpay_port::{Flow, NextStep, PaymentRef, View};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clients::ClientProfile;
use crate::http::app::App;
use crate::http::body::read_body;
use crate::http::error::problem_of;
use crate::http::middleware::request_id;
use crate::http::problem::{Code, FieldProblem, PROBLEM_JSON, Problem, ProblemBody};
use crate::http::rate_limit::{self, Allowance};
use crate::payments::initiate::{Edge, InitiateOutcome, InitiateRequest};
use crate::payments::ports::StoredAnswer;
use crate::payments::terms::PageHints;

/// What the library posts.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentInitRequest {
    #[schema(example = "no.mediaconnect.test")]
    pub client_code: String,
    /// The JWT, signed by the client's server.
    pub sign: String,
    /// The page the library runs on; a seamless view comes back to it. Ignored in the redirect
    /// flow.
    pub page_url: Option<String>,
}

/// What happens next: `redirectUrl` in the redirect flow, `view` in the seamless one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentInitAnswer<'a> {
    #[serde(rename = "mcPayRef")]
    #[schema(value_type = String)]
    pub reference: PaymentRef,
    pub payment_flow: Flow,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<&'a View>,
}

/// Starts a payment.
#[utoipa::path(
    tag = "mcPay",
    context_path = "/capi/mcpay",
    request_body = PaymentInitRequest,
    params(("Idempotency-Key" = Option<String>, Header, description =
        "1 to 255 visible characters; the same key and body get the first answer again")),
    responses(
        (status = 200, body = PaymentInitAnswer<'static>),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json"),
        (status = 504, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/paymentInit")]
pub async fn payment_init(
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let started = start(&app, &request, payload).await;
    let (answer, allowance) = match started {
        Ok(started) => started,
        Err(problem) => {
            // A refusal counts against the address, never against the client.
            let address = app.trusted_proxies.client_of(&request);
            rate_limit::note(&request, app.limits.admit_address(address, None)?);
            return Err(problem);
        }
    };
    match allowance {
        Some(allowance) => rate_limit::note(&request, allowance),
        None => {
            let address = app.trusted_proxies.client_of(&request);
            rate_limit::note(&request, app.limits.admit_address(address, None)?);
        }
    }
    let status = actix_web::http::StatusCode::from_u16(answer.status)
        .map_err(|_| Problem::new(Code::Internal))?;
    let media = if status.is_success() {
        "application/json"
    } else {
        PROBLEM_JSON
    };
    Ok(HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, media))
        .body(answer.body))
}

/// The answer, and the client's allowance where a new reference was accepted.
async fn start(
    app: &Data<App>,
    request: &HttpRequest,
    payload: Payload,
) -> Result<(StoredAnswer, Option<Allowance>), Problem> {
    let initiate = read(request, payload).await?;
    let id = request_id(request);
    let work = app.clone();
    app.run(async move {
        let edge = HttpEdge {
            app: &work,
            request_id: id,
            admitted: Mutex::default(),
        };
        let answer = work.payments.initiate(&initiate, &edge).await?;
        let allowance = *edge.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((answer, allowance))
    })
    .await?
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<InitiateRequest, Problem> {
    let body = read_body(payload).await?;
    let key = idempotency_key(request)?;
    let parsed: PaymentInitRequest = parse(&body)?;
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    Ok(InitiateRequest {
        client_code: parsed.client_code,
        sign: parsed.sign,
        page: PageHints {
            page_url: parsed.page_url,
            origin: header(ORIGIN),
        },
        user_agent: header(USER_AGENT),
        key: key.map(|key| (key, body_hash(&body))),
    })
}

fn parse(body: &[u8]) -> Result<PaymentInitRequest, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let cause = error.inner();
        let message = if cause.is_data() {
            // serde's own words name fields and types, and quote no value of a string field.
            "The field is missing or of the wrong type: clientCode and sign are strings, \
             pageUrl an optional string."
        } else {
            "The body is not JSON. Send { \"clientCode\": …, \"sign\": … }."
        };
        Problem {
            errors: vec![FieldProblem {
                field: if field == "." {
                    "body".to_owned()
                } else {
                    field
                },
                code: "invalid".to_owned(),
                message: message.to_owned(),
            }],
            ..Problem::detailed(Code::InvalidRequest, message)
        }
    })
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let bytes = value.as_bytes();
    if (1..=255).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic) {
        return Ok(Some(String::from_utf8_lossy(bytes).into_owned()));
    }
    let message = "The header must have 1 to 255 visible ASCII characters.";
    Err(Problem {
        errors: vec![FieldProblem {
            field: "Idempotency-Key".to_owned(),
            code: "invalid".to_owned(),
            message: message.to_owned(),
        }],
        ..Problem::detailed(Code::InvalidRequest, message)
    })
}

fn body_hash(body: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, body).as_ref());
    hash
}

/// Renders outcomes and holds the client's limit for one request.
struct HttpEdge<'a> {
    app: &'a App,
    request_id: String,
    admitted: Mutex<Option<Allowance>>,
}

impl Edge for HttpEdge<'_> {
    fn answer(&self, outcome: &InitiateOutcome) -> StoredAnswer {
        let (status, body) = match outcome {
            InitiateOutcome::Started { payment, next } => {
                (200, serde_json::to_string(&started(*payment, next)))
            }
            other => {
                let problem = problem_of(other).unwrap_or_else(|| Problem::new(Code::Internal));
                (
                    problem.code.status(),
                    serde_json::to_string(&problem.body(&self.request_id)),
                )
            }
        };
        StoredAnswer {
            status,
            body: body.unwrap_or_default(),
        }
    }

    fn admit(&self, profile: &ClientProfile) -> bool {
        let client = &profile.client;
        let allowance = self
            .app
            .limits
            .admit_client(&client.code, client.rate_limit);
        *self.admitted.lock().unwrap_or_else(PoisonError::into_inner) = allowance;
        allowance.is_some()
    }
}

fn started(reference: PaymentRef, next: &NextStep) -> PaymentInitAnswer<'_> {
    match next {
        NextStep::Redirect(url) => PaymentInitAnswer {
            reference,
            payment_flow: Flow::Redirect,
            redirect_url: Some(url),
            view: None,
        },
        NextStep::Seamless(view) => PaymentInitAnswer {
            reference,
            payment_flow: Flow::Seamless,
            redirect_url: None,
            view: Some(view),
        },
    }
}

//! `POST /capi/mcpay/paymentInit`: start a payment (CONTRACT 4.1).

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{ORIGIN, USER_AGENT};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use mcpay_port::{Flow, NextStep, PaymentRef, View};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::clients::ClientProfile;
use crate::http::app::App;
use crate::http::body::read_body;
use crate::http::error::problem_of;
use crate::http::idempotency;
use crate::http::middleware::request_id;
use crate::http::problem::{Code, FieldProblem, Problem, ProblemBody};
use crate::http::rate_limit::{self, Allowance};
use crate::payments::ports::StoredAnswer;
use crate::payments::start::{Edge, InitiateOutcome, InitiateRequest};
use crate::payments::terms::PageHints;

/// What the library posts.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct PaymentInitRequest {
    #[schema(example = "no.mediaconnect.test")]
    pub client_code: String,
    /// The JWT, signed by the client's server. Its claims are flat: `clientCode`, `paymentMethod`,
    /// `recurring` and `externalReference` are required; `amount` in major units, `currency`,
    /// `productSpecCode` and `productSpecNo`, `paymentFlow`, `returnUrl` and others as the library's
    /// README tells. The algorithm is that of the client's key.
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
    let noted = Arc::new(Mutex::new(None));
    let answer = start(&app, &request, payload, Arc::clone(&noted)).await;
    let of_client = *noted.lock().unwrap_or_else(PoisonError::into_inner);
    rate_limit::note(
        &request,
        match of_client {
            Some(allowance) => allowance,
            // Replays and refusals count against the address, never against the client.
            None => app
                .limits
                .admit_address(app.trusted_proxies.client_of(&request), None)?,
        },
    );
    idempotency::give(answer?)
}

async fn start(
    app: &Data<App>,
    request: &HttpRequest,
    payload: Payload,
    noted: Arc<Mutex<Option<Allowance>>>,
) -> Result<StoredAnswer, Problem> {
    let initiate = read(request, payload).await?;
    let request_id = request_id(request);
    let work = app.clone();
    app.run(async move {
        let edge = HttpEdge {
            app: &work,
            request_id,
            noted: &noted,
        };
        Ok(work.payments.initiate(&initiate, &edge).await?)
    })
    .await?
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<InitiateRequest, Problem> {
    let body = read_body(payload).await?;
    let key = idempotency::find_key(request)?;
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
        key: key.map(|key| (key, idempotency::request_hash("", &body))),
    })
}

/// Every broken member is told at once.
fn parse(body: &[u8]) -> Result<PaymentInitRequest, Problem> {
    let not_json = || {
        let message = "The body is not a JSON object. Send { \"clientCode\": …, \"sign\": … }.";
        Problem {
            errors: vec![field_problem("body", "invalid", message)],
            ..Problem::detailed(Code::InvalidRequest, message)
        }
    };
    let body: Value = serde_json::from_slice(body).map_err(|_| not_json())?;
    let body = body.as_object().ok_or_else(not_json)?;
    let mut errors = Vec::new();
    let mut text = |field: &str, is_required: bool| match body.get(field) {
        Some(Value::String(text)) => Some(text.clone()),
        None | Some(Value::Null) if !is_required => None,
        found => {
            let code = if found.is_some() {
                "invalid"
            } else {
                "required"
            };
            errors.push(field_problem(field, code, "The member must be a string."));
            None
        }
    };
    let (client_code, sign) = (text("clientCode", true), text("sign", true));
    let page_url = text("pageUrl", false);
    match (client_code, sign) {
        (Some(client_code), Some(sign)) if errors.is_empty() => Ok(PaymentInitRequest {
            client_code,
            sign,
            page_url,
        }),
        _ => Err(Problem {
            errors,
            ..Problem::detailed(
                Code::InvalidRequest,
                "Members of the body are missing or broken; errors lists every one.",
            )
        }),
    }
}

fn field_problem(field: &str, code: &str, message: &str) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

/// Renders outcomes and holds the client's limit for one request.
struct HttpEdge<'a> {
    app: &'a App,
    request_id: String,
    /// What the client has left, once its limit was looked at.
    noted: &'a Mutex<Option<Allowance>>,
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

    fn admit(&self, profile: &ClientProfile) -> Result<(), u64> {
        let client = &profile.client;
        let allowance = self
            .app
            .limits
            .admit_client(&client.code, client.rate_limit);
        let noted = allowance.unwrap_or_else(|wait| Allowance {
            remaining: 0,
            reset_seconds: wait,
        });
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(noted);
        allowance.map(|_| ())
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

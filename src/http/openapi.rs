//! The OpenAPI 3.1 document, made from the code, and its page.
//!
//! `openapi/mcpay.json` is the same document, checked in; a test fails when they differ.

use std::sync::OnceLock;

use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, get};
use askama::Template;
use serde_json::Value;
use utoipa::openapi::security::{
    ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Scopes, SecurityRequirement,
    SecurityScheme,
};
use utoipa::{Modify, OpenApi};

use super::problem::{Code, Problem, ProblemBody};
use super::{cdn, client, health, login, mcpay};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "mcpay",
        description = "Payments for Nordic publishers and shops. The pages of a shop use the \
            library mediaconnectpay.js; what it calls is described here.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        mcpay::payment_init::payment_init,
        mcpay::status::status,
        mcpay::complete::complete,
        mcpay::cancel::cancel,
        mcpay::come_back::come_back,
        login::token::token,
        client::coupon::coupons,
        client::coupon::coupon_price,
        client::order::register,
        client::order::status,
        client::fulfillment::fulfil,
        client::event::page::events,
        client::event::stream::stream,
        client::payment::list::list,
        client::payment::read::read,
        client::payment::capture::capture,
        client::payment::refund::refund,
        client::payment::cancel::cancel,
        client::agreement::read::read,
        client::agreement::charge::charge,
        client::agreement::stop::stop,
        health::live,
        health::ready,
    ),
    components(schemas(ProblemBody)),
    modifiers(&BearerOfAToken),
    tags(
        (name = "mcPay", description = "Behind the library. Public, any origin; the signed token \
            is the authorisation."),
        (name = "Client", description = "For the merchant's own servers, which send a bearer token. \
            Amounts of payments and agreements are decimal strings in major units, as in events: most \
            programs read a number of JSON as a float, and 349.10 is none."),
        (name = "Operations", description = "For those who run the service."),
    )
)]
struct Document;

/// The client API takes a bearer token, which the token endpoint gives out.
struct BearerOfAToken;

impl Modify for BearerOfAToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let token =
            Flow::ClientCredentials(ClientCredentials::new("/login/oauth/token", Scopes::new()));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("oauth2", SecurityScheme::OAuth2(OAuth2::new([token])));
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("bearer", bearer);
        let either = || {
            let needs = |name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []);
            vec![needs("oauth2"), needs("bearer")]
        };
        for (path, item) in &mut document.paths.paths {
            if path.starts_with("/capi/v1/client/") {
                for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                    operation.security = Some(either());
                }
            }
        }
    }
}

/// The document as it is checked in: pretty-printed, with a final line break.
pub fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(write_document)
}

fn write_document() -> String {
    let mut text = Document::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(json).service(docs).service(problems);
}

#[get("/openapi.json")]
async fn json() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document())
}

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    endpoints: Vec<Endpoint>,
    releases: Vec<(String, String)>,
    version: &'static str,
}

struct Endpoint {
    method: String,
    path: String,
    summary: String,
    parameters: Vec<Parameter>,
    body: Option<String>,
    answers: Vec<Answer>,
}

struct Parameter {
    name: String,
    place: String,
    required: bool,
    description: String,
}

struct Answer {
    status: String,
    description: String,
    schema: Option<String>,
}

#[derive(Template)]
#[template(path = "problems.html")]
struct ProblemsPage {
    codes: &'static [Code],
}

/// The document for people; works without the internet and without JavaScript.
#[get("/docs{slash:/?}")]
async fn docs() -> Result<HttpResponse, Problem> {
    let document: Value = serde_json::from_str(document()).unwrap_or_default();
    page(&DocsPage {
        endpoints: endpoints(&document),
        releases: cdn::integrities(),
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// What each code means and what to do about it.
#[get("/docs/problems")]
async fn problems() -> Result<HttpResponse, Problem> {
    page(&ProblemsPage { codes: Code::ALL })
}

fn page(template: &impl Template) -> Result<HttpResponse, Problem> {
    let html = template
        .render()
        .map_err(|_| Problem::new(Code::Internal))?;
    Ok(HttpResponse::Ok()
        .insert_header((
            "content-security-policy",
            "default-src 'none'; style-src 'self'",
        ))
        .content_type("text/html; charset=utf-8")
        .body(html))
}

fn endpoints(document: &Value) -> Vec<Endpoint> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, operations)| {
            let operations = operations.as_object().into_iter().flatten();
            operations.map(move |(method, operation)| Endpoint {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: text(&operation["summary"]),
                parameters: list(&operation["parameters"]).map(parameter).collect(),
                body: schema_of(document, &operation["requestBody"]["content"]),
                answers: answers(document, &operation["responses"]),
            })
        })
        .collect()
}

fn parameter(parameter: &Value) -> Parameter {
    Parameter {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        required: parameter["required"].as_bool().unwrap_or_default(),
        description: text(&parameter["description"]),
    }
}

fn answers(document: &Value, responses: &Value) -> Vec<Answer> {
    let responses = responses.as_object().into_iter().flatten();
    responses
        .map(|(status, response)| {
            // Problems all have the shape that the page of the problems tells.
            let is_problem = response["content"]["application/problem+json"].is_object();
            let described = Some(text(&response["description"])).filter(|text| !text.is_empty());
            Answer {
                status: status.clone(),
                description: described.unwrap_or_else(|| phrase(status)),
                schema: schema_of(document, &response["content"]).filter(|_| !is_problem),
            }
        })
        .collect()
}

/// The schema of a body's first media type, references followed one level, as JSON.
fn schema_of(document: &Value, content: &Value) -> Option<String> {
    let (_, media) = content.as_object()?.iter().next()?;
    let mut schema = &media["schema"];
    if let Some(reference) = schema["$ref"].as_str() {
        schema = document.pointer(reference.strip_prefix('#')?)?;
    }
    serde_json::to_string_pretty(schema).ok()
}

/// What HTTP calls the status.
fn phrase(status: &str) -> String {
    let status = StatusCode::from_bytes(status.as_bytes()).ok();
    let phrase = status.and_then(|status| status.canonical_reason());
    phrase.unwrap_or_default().to_owned()
}

/// A text for people: the marks round names are for machines that read Markdown.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('`', "")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

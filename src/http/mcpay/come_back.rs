//! `GET /capi/mcpay/payments/{mcPayRef}/return`: the browser comes back from the provider
//! (CONTRACT 4.4). Nothing in its query is believed; the provider is asked.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use secrecy::{ExposeSecret as _, SecretString};
use url::{Url, form_urlencoded};

use super::admit;
use crate::http::app::App;
use crate::http::page::{page, strand};
use crate::http::problem::{Code, Problem};
use crate::http::problem_responses::PageProblems;
use crate::payments::payment::{Payment, PublicStatus, Reason};

/// The waiting page asks again after this many seconds.
const WAIT_SECONDS: u32 = 2;
/// A page that asks again by itself is content with an answer of this age; callbacks and the timer
/// are usually faster (CONTRACT 8.10).
const WAITING_AGE: Duration = Duration::from_secs(6);

/// What we put into the provider's return address. Read leniently: providers and browsers may add to
/// it or repeat it, and a payer must not be stranded for that.
struct ReturnQuery {
    /// Proves that the browser came from the provider; needed only for what is personal.
    key: String,
    gives_up: bool,
    /// Set when the waiting page asks again by itself.
    waiting: bool,
}

impl ReturnQuery {
    fn of(request: &HttpRequest) -> Self {
        let pairs = || form_urlencoded::parse(request.query_string().as_bytes());
        let find = |name: &str| {
            pairs()
                .find(|(found, _)| found == name)
                .map(|(_, value)| value)
        };
        Self {
            key: find("k").unwrap_or_default().into_owned(),
            gives_up: find("via").is_some_and(|via| via == "cancel"),
            waiting: find("waiting").is_some(),
        }
    }
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage<'a> {
    wait_seconds: u32,
    key: &'a str,
    description: &'a str,
    amount: String,
}

/// Asks the provider, then sends the browser to `returnUrl` with `mcPayRef` and `status`; shows a
/// waiting page while the provider still says pending.
#[utoipa::path(
    tag = "mcPay",
    context_path = "/capi/mcpay",
    params(
        ("mcPayRef" = String, Path),
        ("k" = Option<String>, Query, description = "The key of the provider's return URL"),
        ("via" = Option<String>, Query, description = "`cancel` closes an unauthorised payment"),
    ),
    responses(
        (status = 303, description =
            "To returnUrl, with mcPayRef and status added, and sub where a paymentScope was granted"),
        (status = 200, description = "A page that waits", content_type = "text/html"),
        PageProblems,
    )
)]
#[get("/payments/{mcPayRef}/return")]
pub async fn come_back(
    app: Data<App>,
    request: HttpRequest,
    reference: Path<String>,
) -> Result<HttpResponse, Problem> {
    let answer = answer(&app, &request, &reference).await;
    let accepts = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    match answer {
        Err(problem) if accepts.is_some_and(|accepts| accepts.contains("text/html")) => {
            strand(&problem)
        }
        answer => answer,
    }
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    reference: &str,
) -> Result<HttpResponse, Problem> {
    let reference = admit(app, request, reference)?;
    let query = ReturnQuery::of(request);
    let payments = app.payments.clone();
    let age = if query.waiting {
        WAITING_AGE
    } else {
        Duration::ZERO
    };
    let payment = app
        .run(async move {
            if query.gives_up {
                payments.close(reference, Reason::Cancel).await
            } else {
                payments.inquire_unless_younger(reference, age).await
            }
        })
        .await??;
    match payment.status.public() {
        PublicStatus::Pending => wait(&payment, &query.key),
        status => {
            let (asked, payments) = (payment.clone(), app.payments.clone());
            let key = query.key;
            let payer = match status {
                PublicStatus::Success => {
                    app.run(async move { payments.payer_of(asked, &key).await })
                        .await??
                }
                _ => None,
            };
            go_on(&payment, status, payer.as_ref())
        }
    }
}

/// 303 to where the merchant wants the payer, whatever query and fragment that address has.
fn go_on(
    payment: &Payment,
    status: PublicStatus,
    payer: Option<&SecretString>,
) -> Result<HttpResponse, Problem> {
    let target = payment.return_url.as_deref().unwrap_or(&payment.page_url);
    let mut url = Url::parse(target).map_err(|_| Problem::new(Code::Internal))?;
    drop_ours(&mut url);
    url.query_pairs_mut()
        .append_pair("mcPayRef", &payment.reference.to_string())
        .append_pair("status", status.as_str());
    if let Some(payer) = payer {
        url.query_pairs_mut()
            .append_pair("sub", payer.expose_secret());
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, url.as_str()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish())
}

/// An address may carry our members from an earlier payment; the rest of it stays as it is.
fn drop_ours(url: &mut Url) {
    const OURS: [&str; 3] = ["mcPayRef", "status", "sub"];
    if !url
        .query_pairs()
        .any(|(name, _)| OURS.contains(&name.as_ref()))
    {
        return;
    }
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !OURS.contains(&name.as_ref()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(others);
}

fn wait(payment: &Payment, key: &str) -> Result<HttpResponse, Problem> {
    page(
        StatusCode::OK,
        &WaitingPage {
            wait_seconds: WAIT_SECONDS,
            key,
            description: &payment.description,
            amount: format!(
                "{} {}",
                payment.amount.currency(),
                payment.amount.to_major()
            ),
        },
    )
}

//! `GET /capi/v1/client/payment`: a client's payments, page by page.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, get};
use chrono::{DateTime, Datelike as _, Utc};
use mcpay_port::PaymentRef;
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::PaymentBody;
use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::members::field_problem;
use crate::http::problem::{Code, FieldProblem, Problem};
use crate::http::problem_responses::ListProblems;
use crate::payments::payment::PublicStatus;
use crate::payments::ports::PaymentFilter;

const DEFAULT_LIMIT: u16 = 50;
const MAX_LIMIT: u16 = 200;

/// A page of payments, the newest first.
#[derive(Serialize, ToSchema)]
pub struct PaymentPage {
    pub payments: Vec<PaymentBody>,
    /// Ask with `after` set to this for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub next: Option<PaymentRef>,
}

/// Lists payments, the newest first. Payments that begin meanwhile do not disturb the pages.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        ("externalReference" = Option<String>, Query, description = "The client's own reference"),
        ("status" = Option<String>, Query, description = "`pending`, `success` or `failure`"),
        ("from" = Option<DateTime<Utc>>, Query, description =
            "Begun at this moment or later (RFC 3339)"),
        ("to" = Option<DateTime<Utc>>, Query, description = "Begun before this moment (RFC 3339)"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u16>, Query, description = "1 to 200; 50 by default"),
    ),
    responses(
        (status = 200, body = PaymentPage),
        ListProblems,
    )
)]
#[get("/payment")]
pub async fn list(
    app: Data<App>,
    backend: Backend,
    request: HttpRequest,
) -> Result<Json<PaymentPage>, Problem> {
    let filter = read_filter(request.query_string())?;
    let limit = usize::from(filter.limit);
    // One more than is shown tells whether there is a next page.
    let wider = PaymentFilter {
        limit: filter.limit + 1,
        ..filter
    };
    let (payments, client) = (app.payments.clone(), backend.client.client.code.clone());
    let found = app
        .run(async move { payments.list_payments(&client, &wider).await })
        .await??;
    let shown = &found[..found.len().min(limit)];
    Ok(Json(PaymentPage {
        payments: shown.iter().map(PaymentBody::of).collect(),
        next: shown
            .last()
            .filter(|_| found.len() > limit)
            .map(|payment| payment.reference),
    }))
}

/// Every broken parameter is told at once; those that nobody knows are ignored.
fn read_filter(query: &str) -> Result<PaymentFilter, Problem> {
    let mut filter = PaymentFilter {
        limit: DEFAULT_LIMIT,
        ..PaymentFilter::default()
    };
    let mut problems = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let broken = read_parameter(&mut filter, &name, &value);
        problems.extend(broken.map(|message| field_problem(&name, "invalid", message)));
    }
    if let (Some(from), Some(to)) = (filter.from, filter.to)
        && from > to
    {
        problems.push(field_problem("to", "conflict", "must not be before from."));
    }
    if problems.is_empty() {
        return Ok(filter);
    }
    Err(broken_query(problems))
}

fn broken_query(errors: Vec<FieldProblem>) -> Problem {
    Problem {
        errors,
        ..Problem::detailed(
            Code::InvalidRequest,
            "Parameters of the query are broken; errors lists every one.",
        )
    }
}

/// Answers what is wrong with it.
fn read_parameter(filter: &mut PaymentFilter, name: &str, value: &str) -> Option<&'static str> {
    let moment = |value: &str| {
        let moment = DateTime::parse_from_rfc3339(value).ok()?;
        let moment = DateTime::<Utc>::from(moment);
        // No database counts the years before the first like another.
        (moment.year() > 0).then_some(moment)
    };
    match name {
        "externalReference" => {
            filter.external_reference = Some(value.to_owned());
            let message = "must have no control characters.";
            value.chars().any(char::is_control).then_some(message)
        }
        "status" => {
            filter.status = PublicStatus::from_name(value);
            let message = "must be pending, success or failure.";
            filter.status.is_none().then_some(message)
        }
        "from" => {
            filter.from = moment(value);
            filter.from.is_none().then_some(RFC_3339)
        }
        "to" => {
            filter.to = moment(value);
            filter.to.is_none().then_some(RFC_3339)
        }
        "after" => {
            filter.after = value.parse().ok();
            let message = "must be next of the page before.";
            filter.after.is_none().then_some(message)
        }
        "limit" => match value.parse() {
            Ok(limit @ 1..=MAX_LIMIT) => {
                filter.limit = limit;
                None
            }
            _ => Some("must be a whole number from 1 to 200."),
        },
        _ => None,
    }
}

const RFC_3339: &str = "must be a moment such as 2026-12-01T09:00:00Z (a plus sign as %2B).";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_what_the_query_names() {
        let after = "019aa3f4-6c1e-7a52-9d3b-4f6e2b1c8d70";
        let filter = read_filter(&format!(
            "externalReference=a%26b+c&status=failure&from=2026-12-01T09:00:00%2B01:00\
             &to=2026-12-02T00:00:00Z&after={after}&limit=200&colour=red"
        ))
        .unwrap();
        assert_eq!(filter.external_reference.as_deref(), Some("a&b c"));
        assert_eq!(filter.status, Some(PublicStatus::Failure));
        assert_eq!(
            filter.from.unwrap().to_rfc3339(),
            "2026-12-01T08:00:00+00:00"
        );
        assert_eq!(filter.after.unwrap().to_string(), after);
        assert_eq!(filter.limit, 200);
        assert_eq!(read_filter("").unwrap().limit, DEFAULT_LIMIT);
    }

    #[test]
    fn every_broken_parameter_is_told_at_once() {
        let problem = read_filter("status=captured&from=yesterday&to=2026-12-01&after=1&limit=201")
            .unwrap_err();
        let fields: Vec<&str> = problem
            .errors
            .iter()
            .map(|error| error.field.as_str())
            .collect();
        assert_eq!(fields, ["status", "from", "to", "after", "limit"]);
        for limit in ["0", "-1", "", "1.5", "99999999999"] {
            assert!(read_filter(&format!("limit={limit}")).is_err(), "{limit}");
        }
        let reversed = "from=2026-12-02T00:00:00Z&to=2026-12-01T00:00:00Z";
        assert_eq!(
            read_filter(reversed).unwrap_err().errors[0].code,
            "conflict"
        );
    }
}

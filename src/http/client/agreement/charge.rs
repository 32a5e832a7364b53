//! `POST /capi/v1/client/agreement/{agreementId}/charge`: take the next payment of an agreement.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use mcpay_port::AgreementId;
use utoipa::ToSchema;

use crate::http::app::App;
use crate::http::bearer::Backend;
use crate::http::client::ask::{RepeatKey, carry_out, id_in, read_ask};
use crate::http::client::members::Members;
use crate::http::client::told::ChargeAnswer;
use crate::http::problem::Problem;
use crate::http::problem_responses::AskProblems;
use crate::payments::asked::ChargeRequest;

/// What is charged.
#[expect(dead_code, reason = "only its schema is used: Members reads the body")]
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct ChargeBody {
    /// The client's own reference, 1 to 100 characters, used once.
    pub external_reference: String,
    /// Major units, a number or a string.
    #[schema(example = "349.00")]
    pub amount: String,
    /// The agreement's, which it is when absent.
    #[schema(example = "NOK")]
    pub currency: Option<String>,
    /// The part of the amount that is VAT; by the coupon's percent when absent.
    pub vat_amount: Option<String>,
    /// What the payer reads, 1 to 500 characters.
    pub description: String,
    /// The day on which it is made, `YYYY-MM-DD`; when absent at once, or on the first day that the provider
    /// takes.
    #[schema(example = "2026-12-01")]
    pub due_date: Option<String>,
}

/// Charges an agreement. The charge is a payment of its own, captured at once.
#[utoipa::path(
    tag = "Client",
    context_path = "/capi/v1/client",
    params(
        ("agreementId" = String, Path),
        RepeatKey,
    ),
    request_body = ChargeBody,
    responses(
        (status = 200, description = "It ended; status tells how", body = ChargeAnswer),
        (status = 202, description = "Accepted; an event tells the end", body = ChargeAnswer),
        AskProblems,
    )
)]
#[post("/agreement/{agreementId}/charge")]
pub async fn charge(
    app: Data<App>,
    backend: Backend,
    request: HttpRequest,
    agreement: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let agreement = id_in(&agreement, "agreement")?;
    let (asked, members) = read_ask(&backend.client, &request, payload).await?;
    let wanted = read_charge(agreement, members)?;
    carry_out(&app, &request, |payments, teller| async move {
        payments.charge(&asked, &wanted, &teller).await
    })
    .await
}

/// What depends on the agreement is checked where it is known.
fn read_charge(agreement: AgreementId, mut members: Members) -> Result<ChargeRequest, Problem> {
    let external_reference = members.reference("externalReference");
    let external_reference = members.require(external_reference, "externalReference");
    let amount = members.amount("amount");
    let amount = members.require(amount, "amount");
    let currency = members.text("currency");
    let vat_amount = members.share("vatAmount");
    let description = members.description("description");
    let description = members.require(description, "description");
    let due_date = members.day("dueDate");
    match (external_reference, amount, description) {
        (Some(external_reference), Some(amount), Some(description)) => {
            members.finish()?;
            Ok(ChargeRequest {
                agreement,
                external_reference,
                amount,
                currency,
                vat_amount,
                description,
                due_date,
            })
        }
        _ => Err(members.into_problem()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn read(body: &str) -> Result<ChargeRequest, Problem> {
        read_charge(
            AgreementId(Uuid::nil()),
            Members::read(body.as_bytes()).unwrap(),
        )
    }

    #[test]
    fn a_charge_is_read_with_what_it_may_leave_out() {
        let wanted = read(
            r#"{"externalReference":"2026-12","amount":"349.00","vatAmount":69.8,
                "currency":"NOK","description":"December","dueDate":"2026-12-01","note":1}"#,
        )
        .unwrap();
        assert_eq!(wanted.amount.to_string(), "349");
        assert_eq!(wanted.vat_amount.unwrap().to_string(), "69.8");
        assert_eq!(wanted.due_date.unwrap().to_string(), "2026-12-01");
        let wanted = read(r#"{"externalReference":"a","amount":1,"description":"b"}"#).unwrap();
        assert_eq!(
            (wanted.currency, wanted.vat_amount, wanted.due_date),
            (None, None, None)
        );
    }

    #[test]
    fn every_broken_member_of_a_charge_is_told_at_once() {
        let problem = read(r#"{"vatAmount":-1,"dueDate":"soon","currency":578}"#).unwrap_err();
        let fields: Vec<&str> = problem
            .errors
            .iter()
            .map(|error| error.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "externalReference",
                "amount",
                "currency",
                "vatAmount",
                "description",
                "dueDate"
            ]
        );
    }
}

//! What became of a request, as its answer: rendered once, kept for the key, replayed byte by
//! byte. Problems are told by `http::error`.

use mcpay_port::{AgreementId, OperationId, PaymentRef};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::problem_of_told;
use crate::http::problem::{Code, Problem};
use crate::payments::asked::{Teller, Told};
use crate::payments::payment::PublicStatus;
use crate::payments::ports::StoredAnswer;

/// A capture, refund or release: `done`, or `accepted` where the provider tells the end later.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationAnswer {
    #[schema(value_type = String)]
    pub operation_id: OperationId,
    #[schema(example = "done")]
    pub status: &'static str,
}

/// A charge: a payment of its own. `status` is `pending`, `success` or `failure`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChargeAnswer {
    #[serde(rename = "mcPayRef")]
    #[schema(value_type = String)]
    pub payment: PaymentRef,
    #[schema(value_type = String)]
    pub agreement_id: AgreementId,
    #[schema(example = "success")]
    pub status: &'static str,
}

/// An agreement that was ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StopAnswer {
    #[schema(value_type = String)]
    pub agreement_id: AgreementId,
    #[schema(example = "stopped")]
    pub status: &'static str,
}

/// Renders for one request.
pub struct HttpTeller {
    pub request_id: String,
}

impl Teller for HttpTeller {
    fn answer(&self, told: &Told) -> StoredAnswer {
        match told {
            Told::Done(operation) => operated(200, *operation, "done"),
            Told::Accepted(operation) => operated(202, *operation, "accepted"),
            Told::Charged {
                payment,
                agreement,
                status,
            } => {
                let answer = ChargeAnswer {
                    payment: *payment,
                    agreement_id: *agreement,
                    status: status.as_str(),
                };
                let is_open = *status == PublicStatus::Pending;
                rendered(if is_open { 202 } else { 200 }, &answer)
            }
            Told::Stopped(agreement) => rendered(
                200,
                &StopAnswer {
                    agreement_id: *agreement,
                    status: "stopped",
                },
            ),
            other => {
                let problem =
                    problem_of_told(other).unwrap_or_else(|| Problem::new(Code::Internal));
                rendered(problem.code.status(), &problem.body(&self.request_id))
            }
        }
    }
}

fn operated(status: u16, operation_id: OperationId, word: &'static str) -> StoredAnswer {
    let answer = OperationAnswer {
        operation_id,
        status: word,
    };
    rendered(status, &answer)
}

fn rendered(status: u16, body: &impl Serialize) -> StoredAnswer {
    StoredAnswer {
        status,
        body: serde_json::to_string(body).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use mcpay_port::{Currency, Failure, FailureKind, Money};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn tell(told: &Told) -> (u16, Value) {
        let teller = HttpTeller {
            request_id: "r-1".to_owned(),
        };
        let answer = teller.answer(told);
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    #[test]
    fn done_is_200_and_accepted_is_202() {
        let id = OperationId(Uuid::nil());
        let body = |status| json!({ "operationId": Uuid::nil(), "status": status });
        assert_eq!(tell(&Told::Done(id)), (200, body("done")));
        assert_eq!(tell(&Told::Accepted(id)), (202, body("accepted")));
    }

    #[test]
    fn a_charge_that_waits_is_202_and_one_that_ended_is_200() {
        let told = |status| Told::Charged {
            payment: PaymentRef(Uuid::nil()),
            agreement: AgreementId(Uuid::max()),
            status,
        };
        let (status, body) = tell(&told(PublicStatus::Pending));
        assert_eq!((status, &body["status"]), (202, &json!("pending")));
        let (status, body) = tell(&told(PublicStatus::Failure));
        assert_eq!(status, 200);
        assert_eq!(
            body,
            json!({ "mcPayRef": Uuid::nil(), "agreementId": Uuid::max(), "status": "failure" })
        );
    }

    #[test]
    fn what_could_not_be_done_is_a_problem_that_says_why() {
        let left = Money::new(5_000, Currency::NOK);
        let exceeded = Told::AmountExceeded {
            left,
            what: "left to refund",
        };
        let (status, body) = tell(&exceeded);
        assert_eq!((status, &body["code"]), (409, &json!("amount_exceeded")));
        assert!(
            body["detail"].as_str().unwrap().contains("50.00 NOK"),
            "{body}"
        );
        assert_eq!(body["requestId"], "r-1");

        let conflict = Told::StateConflict("The payment is cancelled.".to_owned());
        let (status, body) = tell(&conflict);
        assert_eq!((status, &body["code"]), (409, &json!("state_conflict")));
        assert_eq!(body["detail"], "The payment is cancelled.");
    }

    #[test]
    fn what_the_provider_said_is_carried_and_what_is_not_known_names_the_payment() {
        let mut failure = Failure::new(FailureKind::Refused).titled("Not now");
        failure.code = Some("E17".to_owned());
        let (status, body) = tell(&Told::Refused(failure));
        assert_eq!((status, &body["code"]), (502, &json!("provider_refused")));
        assert_eq!(
            body["providerResponse"],
            json!({ "code": "E17", "title": "Not now" })
        );
        let (status, body) = tell(&Told::Unavailable);
        assert_eq!(
            (status, &body["code"]),
            (503, &json!("provider_unavailable"))
        );
        let (status, body) = tell(&Told::Unknown(PaymentRef(Uuid::nil())));
        assert_eq!((status, &body["code"]), (504, &json!("outcome_unknown")));
        assert_eq!(body["mcPayRef"], json!(Uuid::nil()));
        assert_eq!(tell(&Told::ReferenceUsed).0, 409);
    }
}

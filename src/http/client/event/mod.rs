//! The client's own events (CONTRACT 5 and 8.14): by cursor, and as they come. Both work without a
//! broker.

pub mod page;
pub mod stream;

use std::ops::RangeInclusive;

use actix_web::web::ServiceConfig;

use crate::http::method::refuse_other_methods;
use crate::http::problem::{Code, FieldProblem, Problem};

pub fn routes(config: &mut ServiceConfig) {
    config.service(page::events).service(stream::stream);
    refuse_other_methods(config, &[("/event", "GET"), ("/event/stream", "GET")]);
}

fn number(
    field: &str,
    text: Option<&str>,
    otherwise: i64,
    range: RangeInclusive<i64>,
) -> Result<i64, Problem> {
    let Some(text) = text else {
        return Ok(otherwise);
    };
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        let message = format!("{field} must be a whole number from {least} to {most}.");
        Problem {
            errors: vec![FieldProblem {
                field: field.to_owned(),
                code: "invalid".to_owned(),
                message: message.clone(),
            }],
            ..Problem::detailed(Code::InvalidRequest, message)
        }
    })
}

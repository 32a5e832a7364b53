//! `Idempotency-Key` at the edge (CONTRACT 8.13): the header, what a body is compared by, and the
//! answer that was kept for a key.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{Context, SHA256};

use super::problem::{Code, FieldProblem, PROBLEM_JSON, Problem};
use crate::payments::ports::StoredAnswer;

const HEADER: &str = "Idempotency-Key";

/// The key, where the request has one.
///
/// # Errors
/// 400 naming the header when it is not 1 to 255 visible ASCII characters.
pub fn find_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    let bytes = value.as_bytes();
    if (1..=255).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic) {
        return Ok(Some(String::from_utf8_lossy(bytes).into_owned()));
    }
    let message = "The header must have 1 to 255 visible ASCII characters.";
    Err(refused("invalid", message))
}

/// The key of a request that must have one.
///
/// # Errors
/// 400 naming the header.
pub fn get_key(request: &HttpRequest) -> Result<String, Problem> {
    let message = "The header is required: 1 to 255 visible ASCII characters, a new one for each \
                   thing that you want done, the same one when you repeat a request.";
    find_key(request)?.ok_or_else(|| refused("required", message))
}

fn refused(code: &str, message: &str) -> Problem {
    Problem {
        errors: vec![FieldProblem {
            field: HEADER.to_owned(),
            code: code.to_owned(),
            message: message.to_owned(),
        }],
        ..Problem::detailed(Code::InvalidRequest, format!("{HEADER}: {message}"))
    }
}

/// SHA-256 over `address` and the body's bytes. The address is empty where a key belongs to one
/// address only.
pub fn request_hash(address: &str, body: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    if !address.is_empty() {
        context.update(address.as_bytes());
        context.update(b"\n");
    }
    context.update(body);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Gives an answer as it was kept, byte by byte.
///
/// # Errors
/// 500 when what was kept is no status.
pub fn give(answer: StoredAnswer) -> Result<HttpResponse, Problem> {
    let status = StatusCode::from_u16(answer.status).map_err(|_| Problem::new(Code::Internal))?;
    let media = if status.is_success() {
        "application/json"
    } else {
        PROBLEM_JSON
    };
    Ok(HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, media))
        .body(answer.body))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn with(key: &str) -> HttpRequest {
        TestRequest::default()
            .insert_header((HEADER, key))
            .to_http_request()
    }

    #[test]
    fn a_key_has_1_to_255_visible_characters() {
        for key in ["k", "a-Z_0~!", &"k".repeat(255)] {
            assert_eq!(get_key(&with(key)).unwrap(), key);
        }
        for key in ["", "two words", "\u{e5}", &"k".repeat(256)] {
            let problem = get_key(&with(key)).unwrap_err();
            assert_eq!(problem.errors[0].field, HEADER, "{key}");
        }
    }

    #[test]
    fn a_missing_key_is_named_where_one_is_needed() {
        let request = TestRequest::default().to_http_request();
        assert_eq!(find_key(&request).unwrap(), None);
        let problem = get_key(&request).unwrap_err();
        assert!(problem.detail.contains(HEADER), "{problem}");
        assert_eq!(problem.errors[0].code, "required");
    }

    #[test]
    fn the_same_body_at_another_address_is_another_request() {
        assert_ne!(request_hash("/a", b"{}"), request_hash("/b", b"{}"));
        assert_ne!(request_hash("/a", b"{}"), request_hash("/a", b"{ }"));
        assert_eq!(request_hash("/a", b"{}"), request_hash("/a", b"{}"));
    }
}

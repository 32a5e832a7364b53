//! Request bodies, bounded.

use actix_web::web::{Bytes, Payload};

use super::problem::{Code, Problem};

/// CONTRACT 4.5: `payload_too_large` above this.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Reads the whole body.
///
/// # Errors
/// 413 above 64 KiB, 400 when the connection or the encoding breaks.
pub async fn read_body(payload: Payload) -> Result<Bytes, Problem> {
    match payload.to_bytes_limited(BODY_LIMIT).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(Problem::detailed(
            Code::InvalidRequest,
            "The body could not be read to its end.",
        )),
        Err(_) => Err(Problem::detailed(
            Code::PayloadTooLarge,
            "The body is larger than 64 KiB.",
        )),
    }
}

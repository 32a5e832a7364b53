//! Request bodies, bounded.

use std::time::Duration;

use actix_web::web::{Bytes, Payload};

use super::problem::{Code, Problem};

/// CONTRACT 4.5: `payload_too_large` above this.
pub const BODY_LIMIT: usize = 64 * 1024;
/// A body that trickles in must not hold a connection for ever.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// Reads the whole body.
///
/// # Errors
/// 413 above 64 KiB, 400 when the connection or the encoding breaks.
pub async fn read_body(payload: Payload) -> Result<Bytes, Problem> {
    let reading = payload.to_bytes_limited(BODY_LIMIT);
    let Ok(read) = tokio::time::timeout(BODY_WITHIN, reading).await else {
        return Err(Problem::detailed(
            Code::InvalidRequest,
            "The body did not arrive within 10 seconds.",
        ));
    };
    match read {
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

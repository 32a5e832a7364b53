//! Every answer of the sandbox in these tests is held against the project's own schemas and, where
//! the environment names them, the provider's official OpenAPI files.
//!
//! Not held: the gateway's answers and 5xx, which the files do not describe.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::specifications::check_answer;

/// # Panics
/// When the answer is not as the files say.
pub fn check(method: &Method, path: &str, status: StatusCode, body: &Value) {
    let is_gateway = body.get("statusCode").is_some() || body.get("responseInfo").is_some();
    if is_gateway || status.is_server_error() {
        return;
    }
    let body = Some(body).filter(|body| !body.is_null());
    check_answer(method.as_str(), path, status.as_u16(), body);
}

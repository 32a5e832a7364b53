//! Holds the bodies that an adapter sends and its sandbox answers against the provider's own
//! OpenAPI file. Used by tests alone; nothing that is shipped depends on it.
//!
//! What lives here: reading an OpenAPI 3.0 file (YAML or JSON), finding the schema of a call, and
//! checking a body against it, strictly: a field the file does not know is a mismatch. A call's
//! headers are checked too.
//! What must never: the name of a provider or of one of its fields. What a provider's file lacks
//! is told by its adapter's own test, as an [overlay](Specification::overlaid).
//!
//! ```
//! use mcpay_contract_proof::Specification;
//! use serde_json::json;
//!
//! let specification = Specification::new(json!({
//!     "openapi": "3.0.3",
//!     "paths": {"/payments/{id}/refund": {"post": {
//!         "requestBody": {"content": {"application/json": {"schema": {
//!             "type": "object",
//!             "required": ["amount"],
//!             "properties": {"amount": {"type": "integer"}},
//!         }}}},
//!         "responses": {"204": {"description": "Refunded"}},
//!     }}},
//! }));
//! let path = "/payments/42/refund";
//! specification.check_request("POST", path, Some(&json!({"amount": 100}))).unwrap();
//! assert!(specification.check_request("POST", path, Some(&json!({"amuont": 100}))).is_err());
//! specification.check_answer("POST", path, 204, None).unwrap();
//! ```

mod headers;
mod path;
mod schema;
mod specification;

pub use specification::{Mismatch, Specification, Unusable, official};

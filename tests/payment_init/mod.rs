//! `POST /capi/mcpay/paymentInit` as CONTRACT 4.1 tells it: fields, signatures, references, keys.

mod fields;
mod idempotency;
mod page;
mod provider;
mod reference;
mod signature;
mod surface;

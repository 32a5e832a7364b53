//! mcpay.

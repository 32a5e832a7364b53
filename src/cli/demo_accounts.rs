//! The demo client's accounts in the simulators (CONTRACT 7): published constants, so that everybody's
//! demo is the same.

pub const DEMO_PAYEX_PAYEE: &str = "demo-payee";
pub const DEMO_PAYEX_TOKEN: &str = "demo-only-payex-token";
pub const DEMO_VIPPS_CLIENT_ID: &str = "demo-client-id";
pub const DEMO_VIPPS_CLIENT_SECRET: &str = "demo-only-vipps-secret";
pub const DEMO_VIPPS_SUBSCRIPTION_KEY: &str = "demo-only-vipps-subscription-key";
pub const DEMO_VIPPS_SERIAL_NUMBER: &str = "123456";
pub const DEMO_NEXI_SECRET_KEY: &str = "demo-only-nexi-secret-key";
pub const DEMO_NEXI_CHECKOUT_KEY: &str = "demo-only-nexi-checkout-key";

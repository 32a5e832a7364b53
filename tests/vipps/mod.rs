//! Vipps MobilePay in the service, from the mcPay API to the events: both methods, webhooks that are
//! registered and proved, polling where none comes, lost answers, and who paid.

mod agreements;
mod ended;
mod lost_answers;
mod ordinary;
mod polling;
mod profiles;
mod registration;
pub mod stage;
mod webhooks;

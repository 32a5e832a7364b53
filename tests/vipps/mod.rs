//! Vipps MobilePay in the service, from the mcPay API to the events: both methods, webhooks that are
//! registered and proved, polling where none comes, lost answers, repeats, and who paid.

mod agreements;
mod ended;
mod kept_charges;
mod lost_answers;
mod ordinary;
mod polling;
mod profiles;
mod registration;
mod repeats;
pub mod stage;
mod webhooks;

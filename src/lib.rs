//! mcpay: payment orchestration for Nordic publishers and shops.
//!
//! # The architecture in five ideas
//!
//! 1. **The provider is the truth; everything else is a hint.** A callback, a browser's return, a
//!    click of the provider's script, a timer: each only causes [`payments`] to *inquire*. Forged,
//!    late, repeated or shuffled messages can do no harm, by construction.
//! 2. **One transition function.** [`payments::state`] is pure: a payment and what the provider says
//!    become a payment and its events.
//! 3. **Record intent, commit, call, record outcome.** No transaction is held over a provider call,
//!    and an error says whether it may have happened ([`mcpay_port::ProviderError`]).
//! 4. **An event is a row in the transaction of the change it tells.** [`events`] publishes it
//!    later; the broker can be away for a day without one payment failing.
//! 5. **Adapters are crates behind one port.** Only [`wiring`] names real providers.
//!
//! # Invariants
//!
//! - `refunded <= captured` and `captured + cancelled <= authorized`, in
//!   [`payments::state`] and as constraints of the database.
//! - An `externalReference` starts at most one payment, and a create without a key is sent at most
//!   once.
//! - A payment is told as success only after the provider said so, about our reference, amount and
//!   currency.
//! - Events of one payment are published in order, each at least once.
//! - No key, token, phone number or name is in a log, an event, an error or a URL that is logged.
//!
//! # The rooms
//!
//! `http`, `jobs` and `cli` call `orders`, `payments`, `access`, `clients`, `catalogue`, `signing`
//! and `events`, which know the outside only through their `ports`; `store` implements those.
//! Orders know payments, and payments know no order. Nobody sees `wiring` but the commands. A test (`tests/tidy.rs`) keeps it so.

pub mod access;
pub mod catalogue;
pub mod cli;
pub mod clients;
pub mod config;
pub mod events;
pub mod http;
pub mod jobs;
pub mod orders;
pub mod payments;
pub mod ports;
pub mod signing;
pub mod store;
pub mod system;
pub mod telemetry;
pub mod wiring;

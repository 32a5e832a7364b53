//! Rate limits (CONTRACT 5). An accepted new reference counts against its client; everything else
//! counts per address and per payment, so that nobody can use up another's limit.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::HttpRequest;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use mcpay_port::PaymentRef;

use super::error::too_many_requests;
use super::problem::Problem;
use crate::clients::{ClientCode, RateLimit};

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

const ADDRESS_PER_SECOND: NonZeroU32 = NonZeroU32::new(100).unwrap();
const PAYMENT_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// What the two `X-RateLimit-*` headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    pub remaining: u32,
    pub reset_seconds: u64,
}

/// All limits of one process.
pub struct RateLimits {
    on: bool,
    clients: RwLock<HashMap<ClientCode, Arc<ClientLimits>>>,
    addresses: Keyed<IpAddr>,
    payments: Keyed<PaymentRef>,
}

/// One client's pair of limits, as long as its settings stay the same.
struct ClientLimits {
    settings: RateLimit,
    per_second: Keyed<()>,
    per_minute: Keyed<()>,
}

impl RateLimits {
    /// `on: false` is for load tests: nothing is refused.
    pub fn new(on: bool) -> Self {
        Self {
            on,
            clients: RwLock::default(),
            addresses: keyed(Quota::per_second(ADDRESS_PER_SECOND)),
            payments: keyed(Quota::per_second(PAYMENT_PER_SECOND)),
        }
    }

    /// Counts one accepted new reference.
    ///
    /// # Errors
    /// The seconds to wait when the client has used up its limit.
    pub fn admit_client(&self, client: &ClientCode, settings: RateLimit) -> Result<Allowance, u64> {
        if !self.on {
            return Ok(full(settings.per_minute));
        }
        let limits = self.limits_of(client, settings);
        // The second first: what it refuses must not use up the minute.
        check(&limits.per_second, &(), settings.per_second, 1)?;
        check(&limits.per_minute, &(), settings.per_minute, 60)
    }

    /// Counts one request of this address, and of this payment where it is about one.
    ///
    /// # Errors
    /// A 429 problem with `Retry-After`.
    pub fn admit_address(
        &self,
        address: IpAddr,
        payment: Option<PaymentRef>,
    ) -> Result<Allowance, Problem> {
        if !self.on {
            return Ok(full(ADDRESS_PER_SECOND));
        }
        // The address first: made-up references of a refused address are not even remembered.
        let network = network_of(address);
        let allowance =
            check(&self.addresses, &network, ADDRESS_PER_SECOND, 1).map_err(too_many_requests)?;
        if let Some(payment) = payment {
            check(&self.payments, &payment, PAYMENT_PER_SECOND, 1).map_err(too_many_requests)?;
        }
        Ok(allowance)
    }

    /// Forgets addresses and payments that have their whole allowance back.
    pub fn forget_idle(&self) {
        self.addresses.retain_recent();
        self.payments.retain_recent();
    }

    fn limits_of(&self, client: &ClientCode, settings: RateLimit) -> Arc<ClientLimits> {
        let known = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(limits) = known
            .get(client)
            .filter(|limits| limits.settings == settings)
        {
            return Arc::clone(limits);
        }
        drop(known);
        let limits = Arc::new(ClientLimits {
            settings,
            per_second: keyed(Quota::per_second(settings.per_second)),
            per_minute: keyed(Quota::per_minute(settings.per_minute)),
        });
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        clients.insert(client.clone(), Arc::clone(&limits));
        limits
    }
}

/// What one household or machine can choose from: an IPv6 network of 64 bits counts as one address.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Puts the allowance where the headers are written from.
pub fn note(request: &HttpRequest, allowance: Allowance) {
    request.extensions_mut().insert(allowance);
}

fn keyed<K: std::hash::Hash + Eq + Clone>(quota: Quota) -> Keyed<K> {
    RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>()
}

const fn full(limit: NonZeroU32) -> Allowance {
    Allowance {
        remaining: limit.get(),
        reset_seconds: 0,
    }
}

/// One cell of the limiter; the error is how many seconds to wait.
fn check<K: std::hash::Hash + Eq + Clone>(
    limiter: &Keyed<K>,
    key: &K,
    limit: NonZeroU32,
    window_seconds: u64,
) -> Result<Allowance, u64> {
    match limiter.check_key(key) {
        Ok(state) => {
            let remaining = state.remaining_burst_capacity();
            let used = u64::from(limit.get().saturating_sub(remaining));
            let reset_seconds = (used * window_seconds).div_ceil(u64::from(limit.get()));
            Ok(Allowance {
                remaining,
                reset_seconds,
            })
        }
        Err(refusal) => {
            let wait: Duration = refusal.wait_time_from(DefaultClock::default().now());
            Err(wait.as_secs() + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(per_second: u32, per_minute: u32) -> RateLimit {
        RateLimit {
            per_second: NonZeroU32::new(per_second).unwrap(),
            per_minute: NonZeroU32::new(per_minute).unwrap(),
        }
    }

    #[test]
    fn a_client_gets_what_its_settings_say_and_no_more() {
        let limits = RateLimits::new(true);
        let client = ClientCode("no.mediaconnect.test".into());
        let admitted = (0..10)
            .filter(|_| limits.admit_client(&client, limit(100, 3)).is_ok())
            .count();
        assert_eq!(admitted, 3);
    }

    #[test]
    fn one_client_cannot_use_up_anothers_limit() {
        let limits = RateLimits::new(true);
        let (one, other) = (ClientCode("one".into()), ClientCode("other".into()));
        while limits.admit_client(&one, limit(2, 2)).is_ok() {}
        assert!(limits.admit_client(&other, limit(2, 2)).is_ok());
    }

    #[test]
    fn an_address_that_asks_too_often_is_told_when_to_come_back() {
        let limits = RateLimits::new(true);
        let address = IpAddr::from([9, 9, 9, 9]);
        let refused = (0..1_000).find_map(|_| limits.admit_address(address, None).err());
        assert_eq!(refused.unwrap().retry_after_seconds, Some(1));
        assert!(
            limits
                .admit_address(IpAddr::from([8, 8, 8, 8]), None)
                .is_ok()
        );
    }

    #[test]
    fn switched_off_nothing_is_refused() {
        let limits = RateLimits::new(false);
        let address = IpAddr::from([9, 9, 9, 9]);
        assert!((0..1_000).all(|_| limits.admit_address(address, None).is_ok()));
    }
}

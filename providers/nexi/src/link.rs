//! What an identifier must look like before it is put in a URL, and where a browser may be sent.
//! Pure: a hostile answer is judged here, before any request is made.

use mcpay_port::ProviderRef;
use url::{Host, Url};

use crate::config::{Settings, is_safe};

/// Where Nexi documents its hosted page, for test and for production.
const CHECKOUT_HOST: &str = "checkout.dibspayment.eu";

/// Whether `id` is a UUID, with or without its hyphens: the form of every id of Nexi's so far.
pub fn is_uuid(id: &str) -> bool {
    let hyphens = match id.len() {
        32 => [].as_slice(),
        36 => &[8, 13, 18, 23],
        _ => return false,
    };
    id.bytes().enumerate().all(|(at, byte)| {
        if hyphens.contains(&at) {
            byte == b'-'
        } else {
            byte.is_ascii_hexdigit()
        }
    })
}

/// Whether `id` fits in a path without changing it. Nexi may change the form of its ids, so what
/// it answers itself is held to no more.
pub fn is_path_safe(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The reference of a payment, or `None` when the id cannot be one.
pub fn find_payment_ref(id: &str) -> Option<ProviderRef> {
    is_path_safe(id).then(|| ProviderRef(id.to_owned()))
}

/// Whether two ids are the same, hyphens and case aside.
pub fn is_same_id(one: &str, other: &str) -> bool {
    let digits = |id: &str| id.replace('-', "").to_ascii_lowercase();
    digits(one) == digits(other)
}

/// A path of the account's own API. `segments` are put in as they are, so each must be a constant
/// or [`is_path_safe`].
pub fn own(settings: &Settings, segments: &[&str]) -> Url {
    let mut url = settings.base_url.clone();
    let base = settings.base_url.path().trim_end_matches('/');
    url.set_path(&format!("{base}/v1/{}", segments.join("/")));
    url
}

/// The hosted page's address, if the payer may be sent there: on the host of the account's
/// checkout script, or on Nexi's.
pub fn find_for_browser(settings: &Settings, href: &str) -> Option<Url> {
    let url = Url::parse(href).ok()?;
    let is_known = url.origin() == settings.checkout_script.origin()
        || url.scheme() == "https" && url.port().is_none() && is_nexis(&url);
    let has_user = !url.username().is_empty() || url.password().is_some();
    (is_safe(&url) && is_known && !has_user).then_some(url)
}

fn is_nexis(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    host.strip_suffix(CHECKOUT_HOST)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::settings_at;
    use proptest::prelude::*;

    fn is_allowed(script: &str, href: &str) -> bool {
        let settings = settings_at("http://localhost:8080/sandbox/nexi", script);
        find_for_browser(&settings, href).is_some()
    }

    #[test]
    fn the_payer_is_sent_only_to_the_accounts_checkout_or_to_nexis() {
        let script = "http://localhost:8080/sandbox/nexi/v1/checkout.js";
        for href in [
            "http://localhost:8080/sandbox/nexi/hostedpaymentpage/?pid=1",
            "https://test.checkout.dibspayment.eu/hostedpaymentpage/?pid=1",
            "https://checkout.dibspayment.eu/x",
        ] {
            assert!(is_allowed(script, href), "{href}");
        }
        for href in [
            "http://localhost:8081/hostedpaymentpage/",
            "http://test.checkout.dibspayment.eu/x",
            "https://test.checkout.dibspayment.eu:8443/x",
            "https://user@test.checkout.dibspayment.eu/x",
            "https://evilcheckout.dibspayment.eu/x",
            "https://checkout.dibspayment.eu.evil.example/x",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!is_allowed(script, href), "{href}");
        }
    }

    #[test]
    fn only_a_uuid_with_all_its_hyphens_or_none_is_one() {
        for id in [
            "0254000061f2a5bf3e5b4e8a1cd3e487",
            "02540000-61f2-a5bf-3e5b-4e8a1cd3e487",
        ] {
            assert!(is_uuid(id) && is_path_safe(id), "{id}");
        }
        for id in [
            "",
            "0254000061f2a5bf3e5b4e8a1cd3e48",
            "0254000061f2a5bf3e5b4e8a1cd3e48g",
            "02540000-61f2a5bf-3e5b-4e8a-1cd3e487",
            "0254000061f2a5bf3e5b4e8a1cd3e487/ter",
        ] {
            assert!(!is_uuid(id), "{id}");
        }
    }

    #[test]
    fn an_id_is_the_same_with_or_without_hyphens() {
        assert!(is_same_id("02540000-61F2", "0254000061f2"));
        assert!(!is_same_id("0254000061f2", "0254000061f3"));
    }

    proptest! {
        #[test]
        fn whatever_fits_in_a_path_changes_nothing_in_it(id in ".{0,70}") {
            if is_path_safe(&id) {
                let settings = settings_at("https://api.example/base", "https://a.example/x.js");
                let url = own(&settings, &["payments", &id]);
                prop_assert_eq!(url.as_str(), format!("https://api.example/base/v1/payments/{id}"));
            }
        }
    }
}

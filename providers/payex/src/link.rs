//! Where the access token may travel, and what an identifier must look like before it is put in a
//! URL (CONTRACT 8.11). Pure: a hostile answer is judged here, before any request is made.

use mcpay_port::ProviderRef;
use url::{Host, Url};

use crate::config::Settings;

const ORDERS: &str = "/psp/paymentorders/";

/// The domains that PayEx documents for its API; both names belong to the same company.
const DOMAINS: [&str; 2] = ["payex.com", "swedbankpay.com"];

/// Whether `id` is `/psp/paymentorders/{uuid}`, the only form that is ever put in a URL.
pub fn is_order_id(id: &str) -> bool {
    id.strip_prefix(ORDERS).is_some_and(|rest| {
        rest.len() == 36
            && rest.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    })
}

/// The reference of an order, or `None` when the id does not look like one.
pub fn find_order_ref(id: &str) -> Option<ProviderRef> {
    is_order_id(id).then(|| ProviderRef(id.to_owned()))
}

/// A path of the account's own API.
pub fn own(settings: &Settings, path: &str, expand: Option<&str>) -> Url {
    let mut url = settings.base_url.clone();
    url.set_path(&format!(
        "{}{path}",
        settings.base_url.path().trim_end_matches('/')
    ));
    url.set_query(expand.map(expand_query).as_deref());
    url
}

/// A link that the provider gave, if the token may be sent there.
pub fn find_trusted(settings: &Settings, href: &str, expand: &str) -> Option<Url> {
    let mut url = Url::parse(href).ok()?;
    if !may_carry_token(&settings.base_url, &url) {
        return None;
    }
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{}", expand_query(expand)),
        _ => expand_query(expand),
    };
    url.set_query(Some(&query));
    Some(url)
}

/// A link for the payer's browser; it must be encrypted, except at a sandbox on this machine.
pub fn find_for_browser(settings: &Settings, href: &str) -> Option<String> {
    let url = Url::parse(href).ok()?;
    let fine = !has_user(&url) && (url.scheme() == "https" || is_own(&settings.base_url, &url));
    fine.then(|| href.to_owned())
}

/// Whether a stored token fits in a path without changing it. PayEx uses GUIDs today.
pub fn is_token(token: &str) -> bool {
    (1..=128).contains(&token.len())
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn expand_query(names: &str) -> String {
    format!("$expand={names}")
}

fn may_carry_token(base: &Url, link: &Url) -> bool {
    if has_user(link) {
        return false;
    }
    let documented = link.scheme() == "https"
        && link.port().is_none()
        && base.scheme() == "https"
        && is_documented(base)
        && is_documented(link);
    is_own(base, link) || documented
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn is_own(base: &Url, link: &Url) -> bool {
    base.host().is_some() && base.origin() == link.origin()
}

fn is_documented(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    DOMAINS.iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allowed(base: &str, link: &str) -> bool {
        may_carry_token(&base.parse().unwrap(), &link.parse().unwrap())
    }

    #[test]
    fn the_token_stays_on_the_accounts_host_or_the_documented_domains() {
        let real = "https://api.externalintegration.payex.com";
        for link in [
            "https://api.externalintegration.payex.com/psp/x",
            "https://api.externalintegration.swedbankpay.com/psp/x",
            "https://payex.com/x",
        ] {
            assert!(allowed(real, link), "{link}");
        }
        for link in [
            "http://api.externalintegration.payex.com/psp/x",
            "https://api.externalintegration.payex.com:8443/psp/x",
            "https://user@api.externalintegration.payex.com/psp/x",
            "https://evilpayex.com/x",
            "https://payex.com.evil.example/x",
            "https://127.0.0.1/x",
        ] {
            assert!(!allowed(real, link), "{link}");
        }
    }

    #[test]
    fn an_account_elsewhere_never_sends_its_token_to_another_host() {
        let sandbox = "http://localhost:8080/sandbox/payex";
        assert!(allowed(
            sandbox,
            "http://localhost:8080/sandbox/payex/psp/x"
        ));
        assert!(!allowed(sandbox, "http://localhost:8081/psp/x"));
        assert!(!allowed(sandbox, "https://api.payex.com/psp/x"));
    }

    #[test]
    fn only_the_documented_shape_is_an_order_id() {
        let id = "/psp/paymentorders/d4c5684f-c2dc-4c18-680d-08dbf62de407";
        assert!(is_order_id(id));
        for bad in [
            "",
            "/psp/paymentorders/",
            "/psp/paymentorders/../../x",
            "/psp/creditcard/payments/d4c5684f-c2dc-4c18-680d-08dbf62de407",
            "https://evil.example/psp/paymentorders/d4c5684f-c2dc-4c18-680d-08dbf62de407",
            "/psp/paymentorders/d4c5684f-c2dc-4c18-680d-08dbf62de407/paid",
            "/psp/paymentorders/d4c5684fc2dc4c18680d08dbf62de4070000",
        ] {
            assert!(!is_order_id(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_judged(text in ".{0,80}") {
            let _ = is_order_id(&text);
            prop_assert!(!is_token(&text) || !text.contains(['/', '.', '?', '#', '%']));
        }
    }
}

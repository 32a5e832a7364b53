//! The addresses of the API, and what a name must look like before it is put into one. Pure: a
//! hostile answer or a damaged row is judged here, before any request is made.

use url::Url;

use crate::config::Settings;

/// A path of the account's own API, with or without a query.
pub fn own(settings: &Settings, path: &str) -> Url {
    let mut url = settings.base_url.clone();
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    url.set_path(&format!(
        "{}{path}",
        settings.base_url.path().trim_end_matches('/')
    ));
    url.set_query(query);
    url
}

/// Whether a name that the provider gave fits in a path without changing it.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// A link for the payer's browser, unchanged. The provider moves its pages between hosts, so only
/// the encryption is asked for; not even that from a sandbox on this machine.
pub fn find_for_browser(settings: &Settings, href: &str) -> Option<String> {
    let url = Url::parse(href).ok()?;
    let plain_user = url.username().is_empty() && url.password().is_none();
    let encrypted = url.scheme() == "https";
    let own = url.origin().is_tuple() && url.origin() == settings.base_url.origin();
    (plain_user && (encrypted || own)).then(|| href.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::samples::settings;
    use proptest::prelude::*;

    #[test]
    fn paths_are_appended_to_the_base_and_its_own_path() {
        let mut settings = settings();
        let url = own(&settings, "/epayment/v1/payments/x?a=b");
        assert_eq!(
            url.as_str(),
            "https://apitest.vipps.no/epayment/v1/payments/x?a=b"
        );
        settings.base_url = "http://127.0.0.1:9/sandbox/vipps".parse().unwrap();
        let url = own(&settings, "/accesstoken/get");
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:9/sandbox/vipps/accesstoken/get"
        );
    }

    #[test]
    fn the_payer_is_sent_only_over_https_or_to_a_sandbox() {
        let mut settings = settings();
        for (href, fine) in [
            ("https://landing.vipps.no?token=eyJ0", true),
            ("https://pay.mobilepay.dk/?token=1", true),
            ("http://landing.vipps.no?token=1", false),
            ("https://user@landing.vipps.no/", false),
            ("vipps://?token=1", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            assert_eq!(find_for_browser(&settings, href).is_some(), fine, "{href}");
        }
        settings.base_url = "http://127.0.0.1:9/sandbox/vipps".parse().unwrap();
        assert!(find_for_browser(&settings, "http://127.0.0.1:9/sandbox/vipps/pay").is_some());
        assert!(find_for_browser(&settings, "http://127.0.0.1:10/pay").is_none());
    }

    proptest! {
        #[test]
        fn a_name_never_changes_the_path_it_is_put_in(
            name in prop_oneof!["[A-Za-z0-9_-]{1,64}", "[A-Za-z0-9./?#%\\\\_-]{0,8}", "\\PC{0,9}"],
        ) {
            let url = own(&settings(), &format!("/a/{name}/b"));
            let unchanged = url.path() == format!("/a/{name}/b") && url.query().is_none();
            prop_assert!(unchanged || !is_name(&name));
        }
    }
}

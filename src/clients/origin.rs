//! Origins: where a client's pages may be (scheme, host and port of a URL).

use url::Url;

/// Longer URLs are refused, bytes.
pub const MAX_URL_BYTES: usize = 2_048;

/// Why a text is no URL that a payer may be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    #[error("must have at most 2048 characters")]
    TooLong,
    #[error("must be an absolute URL that begins with https:// or http://")]
    NotAbsolute,
    #[error("must not hold a user name or password")]
    UserInfo,
}

/// Reads an absolute http(s) URL.
///
/// Whitespace, control characters and backslashes are refused before parsing: the parser would
/// drop or turn them, and a browser or a provider might read another host than we do.
///
/// # Errors
/// [`UrlProblem`].
pub fn read_url(text: &str) -> Result<Url, UrlProblem> {
    if text.len() > MAX_URL_BYTES {
        return Err(UrlProblem::TooLong);
    }
    if text
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
    {
        return Err(UrlProblem::NotAbsolute);
    }
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        return Err(UrlProblem::NotAbsolute);
    }
    let url = Url::parse(text).map_err(|_| UrlProblem::NotAbsolute)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlProblem::UserInfo);
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(UrlProblem::TooLong);
    }
    Ok(url)
}

/// The origin of a URL in its one normal form: lower-case host, no default port.
pub fn origin_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Reads an origin as the `apply` file and the `Origin` header write it: a URL with nothing after
/// the port.
pub fn read_origin(text: &str) -> Option<String> {
    let url = read_url(text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    bare.then(|| origin_of(&url))
}

/// Whether the URL is on one of these origins.
pub fn is_allowed(allowed_origins: &[String], url: &Url) -> bool {
    let origin = origin_of(url);
    allowed_origins
        .iter()
        .any(|allowed| read_origin(allowed).is_some_and(|allowed| allowed == origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_normal_form_and_nothing_after_the_port() {
        let cases = [
            ("https://Shop.Example:443", Some("https://shop.example")),
            ("http://localhost:8080/", Some("http://localhost:8080")),
            ("http://[::1]:80", Some("http://[::1]")),
            (
                "https://blåbær.example",
                Some("https://xn--blbr-roah.example"),
            ),
            ("https://shop.example/path", None),
            ("https://shop.example?", None),
            ("https://shop.example#", None),
            ("https://a@shop.example", None),
            ("shop.example", None),
            ("null", None),
            ("*", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(read_origin(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn an_allowed_origin_that_is_written_otherwise_is_still_the_same() {
        let allowed = ["https://SHOP.example:443".to_owned(), "nonsense".to_owned()];
        let on = |url: &str| is_allowed(&allowed, &Url::parse(url).unwrap());
        assert!(on("https://shop.example/a?b#c"));
        assert!(!on("http://shop.example/") && !on("https://shop.example.evil.test/"));
    }
}

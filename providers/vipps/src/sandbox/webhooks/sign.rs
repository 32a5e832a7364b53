//! The signature of a webhook: HMAC over the registered address, the date and the body's hash.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::Url;

/// The headers of one delivery.
pub(crate) struct Signed {
    pub(crate) content_sha256: String,
    pub(crate) authorization: String,
}

/// `date` as it stands in `x-ms-date`. The secret is used as the text it is.
pub(crate) fn sign(secret: &str, url: &Url, date: &str, body: &[u8]) -> Signed {
    let content_sha256 = BASE64_STANDARD.encode(digest(&SHA256, body));
    let query = url
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let (path, host) = (url.path(), host(url));
    let text = format!("POST\n{path}{query}\n{date};{host};{content_sha256}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    Signed {
        content_sha256,
        authorization: format!(
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"
        ),
    }
}

/// With the port, where it is not the scheme's own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sample_and_one_with_a_port_are_signed_as_they_should_be() {
        let signed = sign(
            "A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A==",
            &"https://webhook.site/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63"
                .parse()
                .unwrap(),
            "Thu, 30 Mar 2023 08:38:32 GMT",
            br#"{"some-unique-content":"ee6e441b-cc4a-46f8-895d-a5af79bcc233/hello-world"}"#,
        );
        assert_eq!(
            signed.content_sha256,
            "lNlsp1XA03N34HrQsVzPgJKtC+r7l/RBF4V3JQUWMj4="
        );
        let (_, signature) = signed.authorization.split_once("&Signature=").unwrap();
        assert_eq!(signature, "agAiSyogQbDHpeucoNwYz+yAr5nJ+v+zasdkSbqzv+U=");
        assert_eq!(
            host(&"https://shop.example:8443/x".parse().unwrap()),
            "shop.example:8443"
        );
        assert_eq!(
            host(&"https://shop.example:443/x".parse().unwrap()),
            "shop.example"
        );
    }
}

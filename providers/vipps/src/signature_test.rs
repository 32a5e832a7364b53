//! The provider's published vector, vectors of our own that an independent implementation computed,
//! and every way to change something that was signed.

use super::*;
use aws_lc_rs::hmac::sign;
use mcpay_port::RawNotification;
use proptest::prelude::*;
use secrecy::SecretString;

/// Secret, registered address, date, body, hash and signature as sent.
struct Vector {
    secret: &'static str,
    url: &'static str,
    date: &'static str,
    body: &'static str,
    hash: &'static str,
    signature: &'static str,
}

/// The first is the provider's own (its page on request authentication); the others add a query,
/// and a port and letters that are not ASCII.
const VECTORS: [Vector; 3] = [
    Vector {
        secret: "A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A==",
        url: "https://webhook.site/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63",
        date: "Thu, 30 Mar 2023 08:38:32 GMT",
        body: r#"{"some-unique-content":"ee6e441b-cc4a-46f8-895d-a5af79bcc233/hello-world"}"#,
        hash: "lNlsp1XA03N34HrQsVzPgJKtC+r7l/RBF4V3JQUWMj4=",
        signature: "agAiSyogQbDHpeucoNwYz+yAr5nJ+v+zasdkSbqzv+U=",
    },
    Vector {
        secret: "090a478d-37ff-4e77-970e-d457aeb26a3a",
        url: "https://mcpay.example.com/v1/callbacks/vipps?merchant=42",
        date: "Mon, 14 Aug 2023 12:48:46 GMT",
        body: r#"{"msn":"123456","reference":"mcpay-order-0001","pspReference":"1234567891","name":"AUTHORIZED","amount":{"currency":"NOK","value":35000},"timestamp":"2023-08-14T12:48:46.260Z","idempotencyKey":"49ca711a9487112e1def","success":true}"#,
        hash: "v+gaS/BDofk7dT+bcr5CSRSxZMNnRDYlVC1LYPt6T9g=",
        signature: "VSMO/iO0h/0+a87QITuIN0gzdDixE4oQwB8jeOkQhSw=",
    },
    Vector {
        secret: "090a478d-37ff-4e77-970e-d457aeb26a3a",
        url: "https://mcpay.example.com:8443/hooks/vipps",
        date: "Fri, 02 Jan 2026 09:00:05 GMT",
        body: r#"{"agreementId":"agr_5kSeqz","agreementUUID":"9c2ca95c-245f-4a2e-aab2-4a08eb78e6fb","agreementExternalId":"båt-ø-1","chargeId":"mcpay-sub-1-2026-01","chargeExternalId":null,"transactionId":"5001419121","msn":"123456","amount":49900,"chargeType":"RECURRING","currency":"NOK","occurred":"2026-01-02T09:00:04Z","amountCaptured":49900,"amountCanceled":0,"amountRefunded":0,"eventType":"recurring.charge-captured.v1"}"#,
        hash: "SBsyRfaUCAjgfX55d/KjS2wDYd92UJnA2Jl4wlftfxU=",
        signature: "wiIJDnO77jcGuj+19ovyL0QwOVhzGolDWLbOQeWQZRE=",
    },
];

const DATE: &str = "Fri, 02 Jan 2026 09:00:05 GMT";

/// What arrived, and what it is checked against.
#[derive(Clone)]
struct Message {
    secret: String,
    url: String,
    received_at: DateTime<Utc>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Message {
    fn check(&self) -> Result<(), Forged> {
        let registration = Registration {
            id: "1".to_owned(),
            url: self.url.parse().unwrap(),
            secret: self.secret.clone().into(),
        };
        let raw = RawNotification {
            payment: None,
            key: None,
            expected_key: &SecretString::from("unused"),
            registration: Some(&registration),
            received_at: self.received_at,
            headers: &self.headers,
            body: &self.body,
        };
        check(&raw, &registration)
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(header, _)| header != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

fn at(date: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc2822(date)
        .unwrap()
        .with_timezone(&Utc)
}

fn message(vector: &Vector) -> Message {
    let mut message = Message {
        secret: vector.secret.to_owned(),
        url: vector.url.to_owned(),
        received_at: at(vector.date) + Duration::seconds(1),
        headers: Vec::new(),
        body: vector.body.as_bytes().to_vec(),
    };
    message.set("x-ms-date", vector.date);
    message.set("x-ms-content-sha256", vector.hash);
    message.set("authorization", &format!("{SCHEME}{}", vector.signature));
    message
}

/// Signed here, for what no vector has.
pub fn signed(secret: &str, url: &str, date: &str, body: &[u8]) -> Vec<(String, String)> {
    let url: Url = url.parse().unwrap();
    let hash = STANDARD.encode(digest(&SHA256, body));
    let text = format!(
        "POST\n{}\n{date};{};{hash}",
        path_and_query(&url),
        authority(&url)
    );
    let signature = sign(&Key::new(HMAC_SHA256, secret.as_bytes()), text.as_bytes());
    let authorization = format!("{SCHEME}{}", STANDARD.encode(signature));
    [
        ("x-ms-date", date.to_owned()),
        ("x-ms-content-sha256", hash),
        ("authorization", authorization),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

#[test]
fn the_published_vector_and_our_own_are_genuine() {
    for vector in &VECTORS {
        assert_eq!(message(vector).check(), Ok(()), "{}", vector.url);
    }
}

#[test]
fn the_providers_own_header_replaces_an_authorization_that_a_server_took() {
    let mut genuine = message(&VECTORS[0]);
    let (_, value) = genuine.headers.pop().unwrap();
    assert_eq!(
        genuine.check(),
        Err(Forged::WrongKey),
        "without any signature"
    );
    genuine.set("x-vipps-authorization", &value);
    assert_eq!(genuine.check(), Ok(()));
    genuine.set("authorization", "Basic dXNlcjpwYXNz");
    assert_eq!(genuine.check(), Ok(()));
    genuine.set(
        "x-vipps-authorization",
        &value.replace("HMAC-SHA256", "HMAC-SHA1"),
    );
    assert_eq!(genuine.check(), Err(Forged::WrongKey));
}

#[test]
fn a_date_must_be_readable_and_from_the_last_eight_days() {
    for (moved, fine) in [
        (Duration::zero(), true),
        (Duration::days(8), true),
        (Duration::days(8) + Duration::seconds(1), false),
        (Duration::minutes(-5), true),
        (Duration::minutes(-5) - Duration::seconds(1), false),
    ] {
        let mut genuine = message(&VECTORS[0]);
        genuine.received_at = at(VECTORS[0].date) + moved;
        assert_eq!(genuine.check().is_ok(), fine, "{moved}");
    }
    for date in ["", "yesterday", "2026-01-02T09:00:05Z", "1767344405"] {
        let url = "https://mcpay.example.com/x";
        let headers = signed("secret", url, date, b"{}");
        let message = Message {
            secret: "secret".to_owned(),
            url: url.to_owned(),
            received_at: at(DATE),
            headers,
            body: b"{}".to_vec(),
        };
        assert_eq!(message.check(), Err(Forged::WrongKey), "{date}");
    }
}

#[test]
fn a_missing_header_is_a_forgery() {
    for name in ["x-ms-date", "x-ms-content-sha256", "authorization"] {
        let mut incomplete = message(&VECTORS[0]);
        incomplete.headers.retain(|(header, _)| header != name);
        assert_eq!(incomplete.check(), Err(Forged::WrongKey), "{name}");
    }
}

#[test]
fn an_empty_secret_opens_nothing() {
    let url = "https://mcpay.example.com/x";
    let message = Message {
        secret: String::new(),
        url: url.to_owned(),
        received_at: at(DATE),
        headers: signed("anything", url, DATE, b"{}"),
        body: b"{}".to_vec(),
    };
    assert_eq!(message.check(), Err(Forged::WrongKey));
}

#[test]
fn another_host_path_query_or_port_is_another_address() {
    let genuine = message(&VECTORS[2]);
    for url in [
        "https://mcpay.example.com/hooks/vipps",
        "https://mcpay.example.com:8444/hooks/vipps",
        "https://mcpay.example.org:8443/hooks/vipps",
        "https://mcpay.example.com:8443/hooks/vipps/",
        "https://mcpay.example.com:8443/hooks/Vipps",
        "https://mcpay.example.com:8443/hooks/vipps?",
        "https://mcpay.example.com:8443/hooks/vipps?a=b",
    ] {
        let moved = Message {
            url: url.to_owned(),
            ..genuine.clone()
        };
        assert_eq!(moved.check(), Err(Forged::WrongKey), "{url}");
    }
}

proptest! {
    #[test]
    fn what_is_signed_is_genuine_and_any_change_of_it_is_not(
        body in prop::collection::vec(any::<u8>(), 1..200),
        secret in "[!-~]{1,90}",
        path in "(/[a-z0-9]{1,9}){1,3}",
        at_byte in any::<prop::sample::Index>(),
        change in 1_u8..=255,
        seconds in 1_i64..86_400,
    ) {
        let url = format!("https://mcpay.example.com{path}");
        let genuine = Message {
            secret,
            url: url.clone(),
            received_at: at(DATE),
            headers: Vec::new(),
            body,
        };
        let genuine = Message {
            headers: signed(&genuine.secret, &url, DATE, &genuine.body),
            ..genuine
        };
        prop_assert_eq!(genuine.check(), Ok(()));

        let mut forged = genuine.clone();
        let index = at_byte.index(forged.body.len());
        forged.body[index] ^= change;
        prop_assert!(forged.check().is_err(), "another body");
        let hash = STANDARD.encode(digest(&SHA256, &forged.body));
        forged.set("x-ms-content-sha256", &hash);
        prop_assert!(forged.check().is_err(), "another body with its own hash");

        let mut forged = genuine.clone();
        let date = (at(DATE) - Duration::seconds(seconds)).to_rfc2822();
        forged.set("x-ms-date", &date.replace("+0000", "GMT"));
        prop_assert!(forged.check().is_err(), "another date");

        let forged = Message { secret: format!("{}x", genuine.secret), ..genuine.clone() };
        prop_assert!(forged.check().is_err(), "another secret");
        let forged = Message { url: format!("{url}x"), ..genuine.clone() };
        prop_assert!(forged.check().is_err(), "another path");
        let forged = Message { url: url.replace("example", "examp1e"), ..genuine.clone() };
        prop_assert!(forged.check().is_err(), "another host");
    }

    #[test]
    fn no_text_in_the_place_of_the_signature_opens(text in "\\PC{0,80}") {
        let mut forged = message(&VECTORS[0]);
        prop_assume!(text != VECTORS[0].signature);
        forged.set("authorization", &format!("{SCHEME}{text}"));
        prop_assert!(forged.check().is_err());
        forged.set("authorization", &text);
        prop_assert!(forged.check().is_err());
    }
}

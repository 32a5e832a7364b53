//! What the verification of a token lets through, and what it refuses.

mod fixture;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair,
};
use aws_lc_rs::{hmac, rsa};
use proptest::prelude::*;
use serde_json::json;

use super::{Claims, InvalidSign, KeyProblem, Keyring};
use crate::signing::SigningAlgorithm;
use fixture::*;

#[test]
fn every_algorithm_of_the_contract_verifies_its_own_tokens() {
    for (algorithm, library) in [
        (SigningAlgorithm::HS256, hmac::HMAC_SHA256),
        (SigningAlgorithm::HS384, hmac::HMAC_SHA384),
        (SigningAlgorithm::HS512, hmac::HMAC_SHA512),
    ] {
        let keyring = Keyring::new(&[key("a", algorithm, SECRET)]).unwrap();
        let header = json!({ "alg": algorithm.as_str() }).to_string();
        let token = hmac_token(library, SECRET.as_bytes(), &header, &live());
        assert_eq!(refusal(&keyring, &token), None, "{algorithm:?}");
    }

    let rsa = rsa_key(rsa::KeySize::Rsa2048);
    let keyring = Keyring::new(&[key("a", SigningAlgorithm::RS256, &rsa.public)]).unwrap();
    assert_eq!(refusal(&keyring, &rs256_token(&rsa, &live())), None);

    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let public = pem("PUBLIC KEY", pair.public_key().as_der().unwrap().as_ref());
    let keyring = Keyring::new(&[key("a", SigningAlgorithm::ES256, &public)]).unwrap();
    let signed = message(r#"{"alg":"ES256"}"#, &live());
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    let token = with_signature(&signed, signature.as_ref());
    assert_eq!(refusal(&keyring, &token), None);

    let pair = Ed25519KeyPair::generate().unwrap();
    let public = pem("PUBLIC KEY", pair.public_key().as_der().unwrap().as_ref());
    let keyring = Keyring::new(&[key("a", SigningAlgorithm::EdDSA, &public)]).unwrap();
    let signed = message(r#"{"alg":"EdDSA"}"#, &live());
    let token = with_signature(&signed, pair.sign(signed.as_bytes()).as_ref());
    assert_eq!(refusal(&keyring, &token), None);
}

#[test]
fn a_public_key_used_as_a_shared_secret_signs_nothing() {
    let rsa = rsa_key(rsa::KeySize::Rsa2048);
    let keyring = Keyring::new(&[key("a", SigningAlgorithm::RS256, &rsa.public)]).unwrap();
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","kid":"a"}"#] {
        let token = hmac_token(hmac::HMAC_SHA256, rsa.public.as_bytes(), header, &live());
        assert_eq!(refusal(&keyring, &token), Some(InvalidSign::WrongAlgorithm));
    }
    let token = hmac_token(
        hmac::HMAC_SHA256,
        rsa.public.as_bytes(),
        r#"{"alg":"RS256"}"#,
        &live(),
    );
    assert_eq!(refusal(&keyring, &token), Some(InvalidSign::WrongSignature));
}

#[test]
fn the_algorithm_none_and_unknown_ones_are_refused() {
    for algorithm in ["none", "None", "NONE", "", "HS1", "hs512", "PS256", "ES384"] {
        let header = json!({ "alg": algorithm }).to_string();
        let signed = message(&header, &live());
        for token in [format!("{signed}."), with_signature(&signed, b"x")] {
            let refused = refusal(&hs512(), &token);
            assert_eq!(refused, Some(InvalidSign::WrongAlgorithm), "{algorithm}");
        }
    }
}

#[test]
fn the_algorithm_of_another_live_key_does_not_help() {
    let keyring = Keyring::new(&[
        key("a", SigningAlgorithm::HS512, SECRET),
        key("b", SigningAlgorithm::HS256, OTHER_SECRET),
    ])
    .unwrap();
    let token = |secret: &str, header: &str| {
        hmac_token(hmac::HMAC_SHA256, secret.as_bytes(), header, &live())
    };
    let by_kid = token(SECRET, r#"{"alg":"HS256","kid":"a"}"#);
    assert_eq!(
        refusal(&keyring, &by_kid),
        Some(InvalidSign::WrongAlgorithm)
    );
    let without_kid = token(SECRET, r#"{"alg":"HS256"}"#);
    assert_eq!(
        refusal(&keyring, &without_kid),
        Some(InvalidSign::WrongSignature)
    );
    assert_eq!(
        refusal(&keyring, &token(OTHER_SECRET, r#"{"alg":"HS256"}"#)),
        None
    );
}

#[test]
fn without_kid_each_live_key_of_the_algorithm_is_tried_and_with_kid_only_that_one() {
    let keyring = Keyring::new(&[
        key("old", SigningAlgorithm::HS512, OTHER_SECRET),
        key("new", SigningAlgorithm::HS512, SECRET),
    ])
    .unwrap();
    assert_eq!(refusal(&keyring, &hs512_token(&live())), None);
    let named = |kid: &str| {
        let header = json!({ "alg": "HS512", "kid": kid }).to_string();
        hmac_token(hmac::HMAC_SHA512, SECRET.as_bytes(), &header, &live())
    };
    assert_eq!(refusal(&keyring, &named("new")), None);
    assert_eq!(
        refusal(&keyring, &named("old")),
        Some(InvalidSign::WrongSignature)
    );
    assert_eq!(
        refusal(&keyring, &named("revoked")),
        Some(InvalidSign::UnknownKey)
    );
    assert_eq!(refusal(&keyring, &named("")), Some(InvalidSign::UnknownKey));
}

#[test]
fn a_changed_payload_or_signature_is_refused() {
    let token = hs512_token(&live());
    let forged = hs512_token(br#"{"iat":1,"exp":9999999999}"#);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = forged.rsplit_once('.').unwrap();
    for token in [
        format!("{signed}.{signature}"),
        format!("{signed}."),
        format!("{signed}.%%%"),
        format!("{token}AA"),
    ] {
        let refused = refusal(&hs512(), &token);
        assert_eq!(refused, Some(InvalidSign::WrongSignature), "{token}");
    }
    let nobody = Keyring::new(&[]).unwrap();
    assert_eq!(refusal(&nobody, &token), Some(InvalidSign::WrongAlgorithm));
}

#[test]
fn time_claims_are_checked_with_a_minute_of_leeway() {
    use InvalidSign::{BadTime, Expired, NoTime, NotYetValid};
    let cases = [
        (format!(r#"{{"exp":{NOW}}}"#), None),
        (format!(r#"{{"exp":{}}}"#, NOW - 60), None),
        (format!(r#"{{"exp":{}}}"#, NOW - 61), Some(Expired)),
        (format!(r#"{{"exp":{}.5}}"#, NOW - 61), Some(Expired)),
        (format!(r#"{{"iat":{NOW}}}"#), None),
        (format!(r#"{{"iat":{}}}"#, NOW - 3_660), None),
        (format!(r#"{{"iat":{}}}"#, NOW - 3_661), Some(Expired)),
        (format!(r#"{{"iat":{}}}"#, NOW + 60), None),
        (format!(r#"{{"iat":{}}}"#, NOW + 61), Some(NotYetValid)),
        (
            format!(r#"{{"iat":{},"exp":{}}}"#, NOW + 61, NOW + 300),
            Some(NotYetValid),
        ),
        (
            format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 9_999, NOW + 1),
            None,
        ),
        (
            format!(r#"{{"nbf":{},"exp":{}}}"#, NOW + 60, NOW + 300),
            None,
        ),
        (
            format!(r#"{{"nbf":{},"exp":{}}}"#, NOW + 61, NOW + 300),
            Some(NotYetValid),
        ),
        (format!(r#"{{"nbf":{NOW}}}"#), Some(NoTime)),
        ("{}".to_owned(), Some(NoTime)),
        (format!(r#"{{"exp":"{NOW}"}}"#), Some(BadTime)),
        (format!(r#"{{"iat":{NOW},"exp":null}}"#), Some(BadTime)),
        (format!(r#"{{"iat":{NOW},"nbf":[1]}}"#), Some(BadTime)),
        (format!(r#"{{"exp":{NOW}000}}"#), Some(BadTime)),
        (format!(r#"{{"exp":{NOW},"exp":{NOW}}}"#), Some(BadTime)),
        (r#"{"exp":1e400}"#.to_owned(), Some(BadTime)),
        (r#"{"exp":1e999999999999}"#.to_owned(), Some(BadTime)),
        (r#"{"exp":-1}"#.to_owned(), Some(BadTime)),
        (r#"{"exp":true}"#.to_owned(), Some(BadTime)),
        (r#"{"exp":NaN}"#.to_owned(), Some(InvalidSign::NotAToken)),
    ];
    for (payload, wanted) in cases {
        let refused = refusal(&hs512(), &hs512_token(payload.as_bytes()));
        assert_eq!(refused, wanted, "{payload}");
    }
}

#[test]
fn what_is_not_a_token_is_refused_as_such() {
    let deep = format!(
        r#"{{"exp":{NOW},"x":{}{}}}"#,
        "[".repeat(60),
        "]".repeat(60)
    );
    let flat_again = format!(r#"{{"exp":{NOW},"x":"[[[[{}\"{{"}}"#, "[".repeat(60));
    assert_eq!(refusal(&hs512(), &hs512_token(flat_again.as_bytes())), None);
    for token in [
        String::new(),
        "a".to_owned(),
        "a.b".to_owned(),
        "a.b.c".to_owned(),
        "..".to_owned(),
        format!("{}.x", hs512_token(&live())),
        format!(" {}", hs512_token(&live())),
        hs512_token(b"[1]"),
        hs512_token(b"not json"),
        hs512_token(b"{\"exp\":1800000000,\"x\":\"\xff\"}"),
        hs512_token(deep.as_bytes()),
        message(r#"{"alg":5}"#, b"{}") + ".x",
        message(r#"{"alg":"HS512","alg":"HS256"}"#, b"{}") + ".x",
        message(r#"{"alg":"HS512","kid":7}"#, b"{}") + ".x",
    ] {
        assert_eq!(
            refusal(&hs512(), &token),
            Some(InvalidSign::NotAToken),
            "{token}"
        );
    }
}

#[test]
fn a_token_is_at_most_64_kib_long() {
    let padded = |size: usize| {
        hs512_token(format!(r#"{{"exp":{NOW},"x":"{}"}}"#, "x".repeat(size)).as_bytes())
    };
    assert_eq!(refusal(&hs512(), &padded(48_900)), None);
    assert_eq!(
        refusal(&hs512(), &padded(60_000)),
        Some(InvalidSign::TooLong)
    );
}

#[test]
fn a_header_that_demands_extensions_is_refused() {
    for crit in [r#"["b64"]"#, "[]", "null", "1"] {
        let header = format!(r#"{{"alg":"HS512","crit":{crit},"b64":false}}"#);
        let token = hmac_token(hmac::HMAC_SHA512, SECRET.as_bytes(), &header, &live());
        let refused = refusal(&hs512(), &token);
        assert_eq!(refused, Some(InvalidSign::CriticalHeader), "{crit}");
    }
}

#[test]
fn all_that_could_be_probed_for_has_one_answer() {
    let alike = [
        InvalidSign::UnknownClient,
        InvalidSign::WrongAlgorithm,
        InvalidSign::UnknownKey,
        InvalidSign::WrongSignature,
        InvalidSign::OtherClient,
    ];
    assert!(alike.iter().all(|sign| sign.detail() == alike[0].detail()));
    let told = [
        InvalidSign::Expired,
        InvalidSign::NotYetValid,
        InvalidSign::NoTime,
    ];
    assert!(told.iter().all(|sign| sign.detail() != alike[0].detail()));
}

#[test]
fn claims_keep_their_text_and_say_what_stands_there_twice() {
    let payload = format!(r#"{{"exp":{NOW},"amount":349.50,"a":1,"a":2,"a":3,"n":null}}"#);
    let claims = hs512()
        .verify(&hs512_token(payload.as_bytes()), now())
        .unwrap();
    assert_eq!(claims.get("amount"), Some("349.50"));
    assert_eq!(claims.get("n"), None);
    assert_eq!(claims.repeated(), ["a"]);
    let shown = format!("{claims:?}");
    assert!(
        shown.contains("amount") && !shown.contains("349"),
        "{shown}"
    );
}

#[test]
fn the_client_code_in_the_token_must_be_the_requests() {
    let read = |json: &str| Claims::read(json.as_bytes()).unwrap();
    let check = |json: &str| read(json).check_client_code("no.mediaconnect.test");
    assert_eq!(check(r#"{"clientCode":"no.mediaconnect.test"}"#), Ok(()));
    assert_eq!(check("{}"), Ok(()), "read_terms reports it as missing");
    for other in [r#"{"clientCode":"no.other"}"#, r#"{"clientCode":""}"#] {
        assert_eq!(check(other), Err(InvalidSign::OtherClient));
    }
}

#[test]
fn keys_that_cannot_be_used_are_refused_by_name() {
    let problem = |algorithm, material: &str| {
        Keyring::new(&[key("k", algorithm, material)]).expect_err("must be refused")
    };
    let kid = || "k".to_owned();
    let short = problem(SigningAlgorithm::HS512, "x".repeat(31).as_str());
    assert_eq!(short, KeyProblem::SecretTooShort { kid: kid() });
    let rsa = rsa_key(rsa::KeySize::Rsa2048);
    let as_secret = problem(SigningAlgorithm::HS256, &rsa.public);
    assert_eq!(as_secret, KeyProblem::PemAsSecret { kid: kid() });
    let private = pem("PRIVATE KEY", rsa.pair.as_der().unwrap().as_ref());
    let private = problem(SigningAlgorithm::RS256, &private);
    assert_eq!(private, KeyProblem::PrivateKey { kid: kid() });

    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let p384 = pem("PUBLIC KEY", p384.public_key().as_der().unwrap().as_ref());
    for (algorithm, material) in [
        (SigningAlgorithm::RS256, "no pem at all"),
        (SigningAlgorithm::RS256, p384.as_str()),
        (SigningAlgorithm::ES256, p384.as_str()),
        (SigningAlgorithm::ES256, rsa.public.as_str()),
        (SigningAlgorithm::EdDSA, rsa.public.as_str()),
    ] {
        let problem = problem(algorithm, material);
        assert!(
            matches!(problem, KeyProblem::NotAPublicKey { .. }),
            "{problem}"
        );
    }
    let twice = [
        key("k", SigningAlgorithm::HS512, SECRET),
        key("k", SigningAlgorithm::HS256, OTHER_SECRET),
    ];
    let repeated = Keyring::new(&twice).expect_err("must be refused");
    assert_eq!(repeated, KeyProblem::RepeatedKid { kid: kid() });
}

#[test]
fn a_keyring_shows_no_secret() {
    let shown = format!("{:?}", hs512());
    assert!(
        shown.contains("HS512") && !shown.contains(SECRET),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_verification_panic(token in ".{0,200}") {
        prop_assert!(hs512().verify(&token, now()).is_err());
    }

    #[test]
    fn no_header_and_payload_make_it_panic(
        header in prop::collection::vec(any::<u8>(), 0..80),
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let signed = message(&String::from_utf8_lossy(&header), &payload);
        prop_assert!(refusal(&hs512(), &with_signature(&signed, b"x")).is_some());
        // Validly signed: whatever the bytes are, the answer is an answer.
        let _ = hs512().verify(&hs512_token(&payload), now());
    }

    #[test]
    fn a_token_changed_at_one_place_is_refused(place in 0_usize..1_000, with in "[A-Za-z0-9_-]") {
        let token = hs512_token(&live());
        let place = place % token.len();
        let mut changed = token.clone();
        changed.replace_range(place..=place, &with);
        prop_assume!(changed != token);
        prop_assert!(refusal(&hs512(), &changed).is_some());
    }
}

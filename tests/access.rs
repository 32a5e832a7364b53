//! Access of merchants' backends (CONTRACT 5): secrets become tokens, and tokens open the client
//! API for as long as their secret lives.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Duration;
use mcpay::access::ports::TokenKeyStore as _;
use mcpay::cli::{DEMO_CLIENT, DEMO_OAUTH_SECRET};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::support::backend::Backend;
use crate::support::client::Answer;
use crate::support::client_file::ClientFile;
use crate::support::signing::TestKey;
use crate::support::world::World;

/// Any address of the client API will do: the token is looked at first.
const ADDRESS: &str = "/capi/v1/client/event";
const NEW_SECRET: &str = "another-oauth-secret-0123456789";

async fn posts_form(world: &World, query: &str, basic: Option<&str>, form: &str) -> Answer {
    let path = format!("/login/oauth/token{query}");
    let mut request = world
        .http
        .post(world.url(&path))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    if let Some(basic) = basic {
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(basic)));
    }
    world.sends(request).await
}

fn is_never_kept(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
}

async fn applies_secrets(world: &World, secrets: &[&str]) {
    let oauth_secrets = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    let file = ClientFile {
        oauth_secrets,
        ..world.client_file()
    };
    world.applies_at_once(&file).await;
}

fn part(token: &str, number: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(number).unwrap())
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn is_refused(backend: &Backend, token: &str) {
    let answer = backend.with_token(token).get(ADDRESS).await;
    assert_eq!(answer.problem(401)["code"], "invalid_token");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
}

on_both_databases! {
    async fn a_secret_gets_a_token_of_12_hours_by_form_and_by_basic(world) {
        let form = "grant_type=client_credentials";
        let with = format!("{form}&client_id={DEMO_CLIENT}&client_secret={DEMO_OAUTH_SECRET}");
        let basic = format!("{DEMO_CLIENT}:{DEMO_OAUTH_SECRET}");
        for answer in [
            posts_form(world, "", None, &with).await,
            posts_form(world, "", Some(&basic), &format!("{form}&scope=read")).await,
            posts_form(world, "", Some(&basic.replace('-', "%2D")), form).await,
        ] {
            is_never_kept(&answer);
            let body = answer.expect(200).json();
            assert_eq!(body["token_type"], "Bearer");
            assert_eq!(body["expires_in"], 43_200);
            let token = body["access_token"].as_str().unwrap();
            let backend = world.backend().await.with_token(token);
            backend.get(ADDRESS).await.expect(200);
        }
    }

    async fn what_is_wrong_with_a_request_for_a_token_is_told_as_rfc_6749_wants_it(world) {
        let basic = format!("{DEMO_CLIENT}:{DEMO_OAUTH_SECRET}");
        let basic = Some(basic.as_str());
        let grant = "grant_type=client_credentials";
        let id = format!("client_id={DEMO_CLIENT}");
        let secret = format!("client_secret={DEMO_OAUTH_SECRET}");
        let cases: &[(&str, Option<&str>, String, u16, &str)] = &[
            ("", basic, String::new(), 400, "invalid_request"),
            ("", basic, "grant_type=".into(), 400, "invalid_request"),
            ("", basic, "grant_type=password".into(), 400, "unsupported_grant_type"),
            ("", basic, format!("{grant}&{grant}"), 400, "invalid_request"),
            ("", basic, format!("{grant}&{secret}"), 400, "invalid_request"),
            ("", basic, format!("{grant}&client_id=no.other"), 400, "invalid_request"),
            ("?client_secret=x", basic, grant.into(), 400, "invalid_request"),
            ("?client_id=x", None, format!("{grant}&{id}&{secret}"), 400, "invalid_request"),
            ("", None, grant.into(), 401, "invalid_client"),
            ("", None, format!("{grant}&{id}"), 401, "invalid_client"),
            ("", None, format!("{grant}&{id}&client_secret=wrong"), 401, "invalid_client"),
            ("", None, format!("{grant}&client_id=no.such&{secret}"), 401, "invalid_client"),
            ("", Some("no.such:secret"), grant.into(), 401, "invalid_client"),
            ("", Some("no colon"), grant.into(), 401, "invalid_client"),
        ];
        for (query, basic, form, status, error) in cases {
            let answer = posts_form(world, query, *basic, form).await;
            is_never_kept(&answer);
            let challenge = answer.header("www-authenticate").to_owned();
            let body = answer.expect(*status).json();
            assert_eq!(body["error"], *error, "{query} {form}");
            assert!(body["error_description"].as_str().is_some_and(|text| text.len() > 10));
            let asks_for_basic = *status == 401 && basic.is_some();
            assert_eq!(challenge.starts_with("Basic"), asks_for_basic, "{form}");
        }
        let json = world.post("/login/oauth/token", &json!({ "grant_type": "x" })).await;
        assert_eq!(json.expect(400).json()["error"], "invalid_request");
        let read = world.get("/login/oauth/token").await;
        assert_eq!(read.header("allow"), "POST");
        read.problem(405);
    }

    async fn two_secrets_live_at_once_and_a_token_dies_with_its_own(world) {
        let first = world.backend().await;
        applies_secrets(world, &[NEW_SECRET, DEMO_OAUTH_SECRET]).await;
        let second = world.backend_of(DEMO_CLIENT, NEW_SECRET).await;
        world.backend().await.get(ADDRESS).await.expect(200);
        first.get(ADDRESS).await.expect(200);

        applies_secrets(world, &[NEW_SECRET]).await;
        is_refused(&first, &first.token).await;
        world.asks_for_token(DEMO_CLIENT, DEMO_OAUTH_SECRET).await.expect(401);
        second.get(ADDRESS).await.expect(200);

        applies_secrets(world, &[DEMO_OAUTH_SECRET, NEW_SECRET]).await;
        is_refused(&first, &first.token).await;
        world.backend().await.get(ADDRESS).await.expect(200);
    }

    async fn a_token_ends_after_12_hours(world) {
        let backend = world.backend().await;
        world.clock.advance(Duration::hours(12) - Duration::minutes(1));
        backend.get(ADDRESS).await.expect(200);
        world.clock.advance(Duration::minutes(1));
        is_refused(&backend, &backend.token).await;
    }

    async fn a_forged_token_opens_nothing(world) {
        let backend = world.backend().await;
        let (header, claims) = (part(&backend.token, 0), part(&backend.token, 1));
        let keys = world.built.store.load_token_keys().await.unwrap();
        let kid = keys[0].kid.as_str();
        let material = keys[0].material.expose_secret();
        assert_eq!(header["kid"], kid);
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let sign = |header: &Value, claims: &Value| {
            let message = format!("{}.{}", encode(header), encode(claims));
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA512, material);
            let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
        };
        backend.with_token(&sign(&header, &claims)).get(ADDRESS).await.expect(200);
        let changed = |value: &Value, name: &str, to: Value| {
            let mut value = value.clone();
            value[name] = to;
            value
        };
        let mut forged = vec![
            String::from("x"),
            format!("{}.{}.", encode(&changed(&header, "alg", json!("none"))), encode(&claims)),
            TestKey::demo().sign(&claims),
            TestKey::demo().sign_as(&header, claims.to_string().as_bytes()),
            sign(&changed(&header, "typ", json!("JWT")), &claims),
            sign(&changed(&header, "alg", json!("HS256")), &claims),
            sign(&changed(&header, "kid", json!("unknown")), &claims),
            sign(&header, &changed(&claims, "aud", json!("other"))),
            sign(&header, &changed(&claims, "sub", json!("no.other"))),
            sign(&header, &changed(&claims, "gen", json!(99))),
            sign(&header, &changed(&claims, "exp", json!(1))),
            sign(&header, &changed(&claims, "exp", Value::Null)),
        ];
        let signature = backend.token.rsplit('.').next().unwrap();
        let edited = changed(&claims, "sub", json!("no.other"));
        forged.push(format!("{}.{}.{signature}", encode(&header), encode(&edited)));
        for token in forged {
            is_refused(&backend, &token).await;
        }
    }

    async fn without_a_token_the_client_api_asks_for_one(world) {
        let answer = world.get(ADDRESS).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(answer.problem(401)["code"], "invalid_token");
        let backend = world.backend().await;
        let path = format!("{ADDRESS}?access_token={}", backend.token);
        for answer in [world.get(&path).await, backend.get(&path).await] {
            assert_eq!(answer.problem(400)["code"], "invalid_request");
        }
    }

    async fn every_answer_of_the_client_api_has_the_three_headers(world) {
        let backend = world.backend().await;
        let elsewhere = backend.get("/capi/v1/client/nothing").await;
        assert_eq!(elsewhere.problem(404)["code"], "not_found");
        let wrong = backend.request(Method::DELETE, ADDRESS);
        let wrong = backend.sends(wrong).await;
        assert_eq!(wrong.header("allow"), "GET");
        wrong.problem(405);
        let refused = world.get(ADDRESS).await;
        let good = backend.get(ADDRESS).await.expect(200);
        for answer in [elsewhere, wrong, refused, good] {
            for name in ["x-mediaconnect-api-version", "x-ratelimit-remaining", "x-ratelimit-reset"] {
                assert!(!answer.header(name).is_empty(), "{name} of {}", answer.status);
            }
        }
    }

    async fn keys_rotate_and_old_ones_are_forgotten_after_their_last_token(world) {
        let first = world.backend().await;
        world.clock.advance(Duration::days(7) - Duration::hours(1));
        let last = world.backend().await;
        let kid = part(&last.token, 0)["kid"].clone();
        assert_eq!(part(&first.token, 0)["kid"], kid);
        world.clock.advance(Duration::hours(1));
        let next = world.backend().await;
        assert_ne!(part(&next.token, 0)["kid"], kid);
        world.clock.advance(Duration::hours(10));
        assert_eq!(world.built.app.access.forget_old_keys().await, Ok(0));
        last.get(ADDRESS).await.expect(200);
        world.clock.advance(Duration::hours(4));
        assert_eq!(world.built.app.access.forget_old_keys().await, Ok(1));
        is_refused(&last, &last.token).await;
    }

    async fn instances_know_each_others_keys(world) {
        let instance = world.another_instance().await;
        let (base, http) = (instance.base(), &world.http);
        let there = Backend::at(base, http, DEMO_CLIENT, DEMO_OAUTH_SECRET).await;
        let here = world.backend().await;
        there.calling(&world.base).get(ADDRESS).await.expect(200);
        here.calling(base).get(ADDRESS).await.expect(200);
        instance.ends().await;
    }
}

//! Arbitrary input at every door: never a 5xx, never a dropped connection, always a clear problem.

mod backend;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::support::client::Answer;
use crate::support::database::Database;
use crate::support::world::{Wish, World};

const INIT: &str = "/capi/mcpay/paymentInit";
const CLAIMS: [&str; 20] = [
    "clientCode",
    "paymentMethod",
    "paymentFlow",
    "paymentScope",
    "productSpecCode",
    "productSpecNo",
    "currency",
    "amount",
    "vatAmount",
    "subscriptionStartAmount",
    "recurring",
    "description",
    "externalReference",
    "phoneNumber",
    "returnUrl",
    "checkoutUrl",
    "nbf",
    "iat",
    "exp",
    "somethingElse",
];

/// Runs `cases` cases of `strategy` against one world on each database.
fn on_each_database<S: Strategy>(
    cases: u32,
    strategy: &S,
    send: &impl AsyncFn(&World, S::Value) -> Result<(), String>,
) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime");
    for postgres in [false, true] {
        let world = runtime.block_on(async {
            let database = if postgres {
                Database::postgres().await
            } else {
                Database::sqlite()
            };
            World::with(database, Wish::default()).await
        });
        let outcome = run(&runtime, &world, cases, strategy, send);
        runtime.block_on(world.ends());
        if let Err(failure) = outcome {
            panic!("on PostgreSQL: {postgres}: {failure}");
        }
    }
}

fn run<S: Strategy>(
    runtime: &Runtime,
    world: &World,
    cases: u32,
    strategy: &S,
    send: &impl AsyncFn(&World, S::Value) -> Result<(), String>,
) -> Result<(), String> {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(strategy, |value| {
        let told = runtime.block_on(send(world, value));
        told.map_err(TestCaseError::fail)
    });
    outcome.map_err(|error| error.to_string())
}

/// Sends a request that reqwest could build.
async fn send(request: reqwest::RequestBuilder) -> Result<Answer, String> {
    match request.send().await {
        Ok(response) => Ok(Answer::of(response).await),
        Err(error) => Err(format!("the connection was dropped: {error:?}")),
    }
}

fn is_proper(answer: &Answer) -> Result<(), String> {
    let described = || format!("{} {:?} {}", answer.status, answer.headers, answer.text);
    if answer.status >= 500 {
        return Err(format!("a 5xx: {}", described()));
    }
    if answer.status < 400 {
        return Ok(());
    }
    let is_problem = answer.header("content-type") == "application/problem+json";
    let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    if is_problem && body["status"] == answer.status && body["code"].is_string() {
        Ok(())
    } else {
        Err(format!("no problem document: {}", described()))
    }
}

/// Text that stands where a JSON value should.
fn raw_json() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("1e30"),
        Just("-0"),
        Just("0.0000000000000000000000000000001"),
        Just("1E+400"),
        Just("1e-99999999999999999999"),
        Just("9223372036854775808"),
        Just("-9223372036854775808"),
        Just("92233720368547758.08"),
        Just("1000000000000000000000000000000"),
        Just("349.000"),
        Just("1e99999999999999999999999999"),
        Just("18446744073709551615.18446744073709551615"),
    ]
    .prop_map(str::to_owned);
    let broken = prop_oneof![
        Just("NaN"),
        Just("Infinity"),
        Just("-"),
        Just("01"),
        Just("+1"),
        Just(".5"),
        Just("1."),
        Just("0x10"),
        Just("'x'"),
        Just("\"\\ud800\""),
        Just("\"\\u0000\""),
        Just("tru"),
        Just("\"\n\""),
        Just(""),
    ]
    .prop_map(str::to_owned);
    let plain = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("{}".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON has no others", |n| n.is_finite())
            .prop_map(|n| n.to_string()),
        ".{0,40}".prop_map(|text| json!(text).to_string()),
        "\\PC{0,8}".prop_map(|text| json!(text.repeat(2_000)).to_string()),
        "(https?|ftp)://[^ ]{0,30}".prop_map(|text| json!(text).to_string()),
    ];
    let deep =
        (1_usize..2_000).prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    let nested = (1_usize..60)
        .prop_map(|depth| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth)));
    prop_oneof![4 => plain, 3 => number, 2 => broken, 1 => deep, 1 => nested]
}

/// The claims of an ordinary payment with some of them replaced, doubled or broken, as raw text.
fn payload(world: &World, changes: &[(usize, String, bool)]) -> Vec<u8> {
    let claims = world.claims(json!({}));
    let mut members: Vec<(String, String)> = claims
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    for (which, text, doubles) in changes {
        let name = CLAIMS[which % CLAIMS.len()];
        if !doubles {
            members.retain(|(known, _)| known != name);
        }
        members.push((name.to_owned(), text.clone()));
    }
    let members: Vec<String> = members
        .iter()
        .map(|(name, text)| format!("{name:?}:{text}"))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}

#[test]
fn signed_claims_of_any_kind_are_taken_or_refused_with_reasons() {
    let change = (0..CLAIMS.len(), raw_json(), any::<bool>());
    let changes = prop::collection::vec(change, 1..5);
    on_each_database(128, &changes, &async |world, changes| {
        let sign = world.sign_text(&payload(world, &changes));
        let body = json!({ "clientCode": "no.mediaconnect.test", "sign": sign });
        is_proper(&send(world.http.post(world.url(INIT)).json(&body)).await?)
    });
}

#[test]
fn signed_bytes_that_are_no_claims_are_refused() {
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    on_each_database(64, &bytes, &async |world, bytes| {
        let body = json!({
            "clientCode": "no.mediaconnect.test", "sign": world.sign_text(&bytes),
        });
        let answer = send(world.http.post(world.url(INIT)).json(&body)).await?;
        is_proper(&answer)?;
        if answer.status == 401 {
            Ok(())
        } else {
            Err(format!("{} {}", answer.status, answer.text))
        }
    });
}

#[test]
fn bodies_of_any_bytes_are_refused() {
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2_000),
        raw_json().prop_map(String::into_bytes),
        (raw_json(), raw_json()).prop_map(|(client, sign)| {
            format!(r#"{{"clientCode":{client},"sign":{sign}}}"#).into_bytes()
        }),
        (0_usize..90_000).prop_map(|size| vec![b'['; size]),
    ];
    let paths = prop_oneof![
        Just(INIT),
        Just("/callbacks/payex/019a8d4e-7b7c-7d3e-8f00-0123456789ab/key"),
        Just("/capi/mcpay/payments/019a8d4e-7b7c-7d3e-8f00-0123456789ab/complete"),
        Just("/capi/mcpay/payments/019a8d4e-7b7c-7d3e-8f00-0123456789ab/cancel"),
    ];
    on_each_database(96, &(paths, body), &async |world, (path, body)| {
        let answer = send(world.http.post(world.url(path)).body(body)).await?;
        is_proper(&answer)?;
        if answer.status >= 400 {
            Ok(())
        } else {
            Err(format!("{} was taken: {}", answer.status, answer.text))
        }
    });
}

#[test]
fn headers_of_any_kind_are_survived() {
    let names = prop::sample::select(vec![
        "accept",
        "accept-encoding",
        "access-control-request-method",
        "authorization",
        "content-encoding",
        "content-type",
        "cookie",
        "forwarded",
        "idempotency-key",
        "if-none-match",
        "origin",
        "range",
        "user-agent",
        "x-forwarded-for",
        "x-request-id",
        "x-http-method-override",
        "traceparent",
    ]);
    let values = prop_oneof![
        prop::collection::vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8], 0..200),
        prop::sample::select(vec![
            "identity;q=0",
            "*;q=0",
            "gzip;q=nan",
            "null",
            "for=\"[::1\"",
            "bytes=0-",
            "W/\"",
            "*",
            "text/html;charset=\u{1}",
            "gzip, gzip, br",
        ])
        .prop_map(|text| text.bytes().filter(|byte| *byte >= 0x20).collect()),
    ];
    let headers = prop::collection::vec((names, values), 1..5);
    let paths = prop::sample::select(vec![
        INIT,
        "/capi/mcpay/payments/019a8d4e-7b7c-7d3e-8f00-0123456789ab",
        "/mcpay/lib/v/1/mediaconnectpay.js",
        "/docs",
        "/health/ready",
    ]);
    on_each_database(128, &(paths, headers), &async |world, (path, headers)| {
        let url = world.url(path);
        let mut request = if path == INIT {
            world
                .http
                .post(url)
                .json(&world.init_body(&world.claims(json!({}))))
        } else {
            world.http.get(url)
        };
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(&value).map_err(|error| error.to_string())?;
            request = request.header(HeaderName::from_static(name), value);
        }
        is_proper(&send(request).await?)
    });
}

/// Sends a request line that no client library would send.
async fn send_raw(world: &World, method: &str, target: &str) -> Result<Answer, String> {
    let port = world.base.port().expect("a port");
    let told = |error: std::io::Error| format!("the connection was dropped: {error}");
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .map_err(told)?;
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-length: 0\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.map_err(told)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.map_err(told)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").ok_or("no answer at all")?;
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    let mut headers = reqwest::header::HeaderMap::new();
    for line in head.lines().skip(1) {
        let (name, value) = line.split_once(": ").ok_or("a broken header")?;
        let name: HeaderName = name.parse().map_err(|_| "a broken header name")?;
        headers.insert(name, value.parse().map_err(|_| "a broken header value")?);
    }
    Ok(Answer {
        status: status.ok_or("no status")?,
        headers,
        text: body.to_owned(),
    })
}

#[test]
fn paths_and_queries_of_any_kind_are_answered() {
    let doors = prop::sample::select(vec![
        "/",
        "/capi/",
        "/capi/mcpay/",
        "/capi/mcpay/payments/",
        "/callbacks/payex/",
        "/callbacks/",
        "/mcpay/lib/v/",
        "/mcpay/lib/public/",
        "/mcpay/lib/beta/",
        "/mcpay/",
        "/docs/",
        "/health/",
        "/capi/mcpay/payments/019a8d4e-7b7c-7d3e-8f00-0123456789ab/return?",
        "/capi/mcpay/payments/019a8d4e-7b7c-7d3e-8f00-0123456789ab/return?k=",
    ]);
    let rest = "([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}|\\.\\./|%2e%2e%2f|//){0,40}";
    let query = "(\\?([a-z]{1,3}=([A-Za-z0-9]|%[0-9A-Fa-f]{2}|%){0,8}&?){0,4})?";
    let methods = prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
    let requests = (methods, doors, rest, query);
    on_each_database(
        128,
        &requests,
        &async |world, (method, door, rest, query)| {
            is_proper(&send_raw(world, method, &format!("{door}{rest}{query}")).await?)
        },
    );
}

//! HTTP around the call: bodies, methods, origins and the headers of every answer.

use serde_json::json;

use crate::on_both_databases;
use crate::support::client::Answer;
use crate::support::world::World;

const PATH: &str = "/capi/mcpay/paymentInit";

#[track_caller]
fn assert_capi_headers(answer: &Answer) {
    let version = answer.header("x-mediaconnect-api-version");
    assert!(
        version.contains('.'),
        "{}: version {version:?}",
        answer.status
    );
    for name in ["x-ratelimit-remaining", "x-ratelimit-reset"] {
        let value = answer.header(name);
        assert!(
            value.parse::<u64>().is_ok(),
            "{}: {name} {value:?}",
            answer.status
        );
    }
    let id = answer.header("x-request-id");
    assert!(!id.is_empty(), "every answer has an id");
    if answer.header("content-type") == "application/problem+json" {
        assert_eq!(
            answer.json()["requestId"],
            id,
            "logs and bodies share one id"
        );
    }
}

async fn from_a_page(world: &World, request: reqwest::RequestBuilder) -> Answer {
    let answer = world
        .sends(request.header("origin", "https://any.shop.example"))
        .await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "*",
        "{}",
        answer.text
    );
    assert_eq!(
        answer.header("access-control-allow-credentials"),
        "",
        "no cookie is ever read"
    );
    let exposed = answer
        .header("access-control-expose-headers")
        .to_ascii_lowercase();
    for name in ["retry-after", "x-request-id", "x-ratelimit-remaining"] {
        assert!(exposed.contains(name), "{name} in {exposed}");
    }
    answer
}

on_both_databases! {
    async fn a_body_that_is_not_the_documented_json_is_refused_with_the_field(world) {
        let cases: [(&[u8], &str); 9] = [
            (b"", "body"),
            (b"not json", "body"),
            (b"{\"clientCode\":", "body"),
            (b"\xff\xfe\x00", "body"),
            (b"[]", "body"),
            (b"\"text\"", "body"),
            (b"{\"clientCode\":1,\"sign\":\"x\"}", "clientCode"),
            (b"{\"clientCode\":\"x\",\"sign\":null}", "sign"),
            (b"{\"clientCode\":\"x\",\"sign\":\"y\",\"pageUrl\":[]}", "pageUrl"),
        ];
        for (body, field) in cases {
            let answer = world.post_bytes(PATH, body.to_vec()).await;
            let problem = answer.problem(400);
            assert_eq!(problem["code"], "invalid_request");
            if field != "body" {
                assert_eq!(problem["errors"][0]["field"], field, "{problem}");
            }
            assert!(!problem["errors"][0]["message"].as_str().unwrap().is_empty());
        }
        let missing = world.post(PATH, &json!({ "clientCode": "x" })).await.problem(400);
        assert_eq!(missing["code"], "invalid_request");
    }

    async fn a_body_over_64_kib_is_too_large_and_one_below_is_read(world) {
        for size in [64 * 1024 + 1, 200 * 1024] {
            let problem = world.post_bytes(PATH, " ".repeat(size)).await.problem(413);
            assert_eq!(problem["code"], "payload_too_large");
        }
        let mut body = world.init_body(&world.claims(json!({}))).to_string();
        body.push_str(&" ".repeat(64 * 1024 - body.len()));
        world.post_bytes(PATH, body).await.expect(200);
    }

    async fn an_unknown_address_is_404_and_a_wrong_method_405(world) {
        for path in ["/capi/mcpay/nothing", "/capi/mcpay", "/nothing/at/all", "/capi/mcpay/payments"] {
            assert_eq!(world.get(path).await.problem(404)["code"], "not_found");
        }
        let reference = uuid::Uuid::new_v4();
        let at = |end: &str| format!("/capi/mcpay/payments/{reference}{end}");
        let cases = [
            ("GET", PATH.to_owned(), "POST"),
            ("PUT", PATH.to_owned(), "POST"),
            ("POST", at(""), "GET"),
            ("DELETE", at(""), "GET"),
            ("GET", at("/complete"), "POST"),
            ("GET", at("/cancel"), "POST"),
            ("POST", at("/return"), "GET"),
        ];
        for (method, path, allowed) in cases {
            let method: reqwest::Method = method.parse().unwrap();
            let answer = world.sends(world.http.request(method.clone(), world.url(&path))).await;
            assert_capi_headers(&answer);
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
            assert_eq!(answer.problem(405)["code"], "method_not_allowed", "{method} {path}");
        }
    }

    async fn every_answer_carries_the_three_headers_and_its_id(world) {
        let sound = world.init_body(&world.claims(json!({})));
        let answers = [
            (200, world.post(PATH, &sound).await),
            (409, world.post(PATH, &sound).await),
            (400, world.post_bytes(PATH, "x").await),
            (401, world.post(PATH, &json!({ "clientCode": "x", "sign": "a.b.c" })).await),
            (413, world.post_bytes(PATH, " ".repeat(70_000)).await),
            (404, world.get("/capi/mcpay/payments/x").await),
            (404, world.get(&format!("/capi/mcpay/payments/{}", uuid::Uuid::new_v4())).await),
            (404, world.get("/capi/mcpay/nothing").await),
        ];
        for (status, answer) in answers {
            assert_eq!(answer.status, status, "{}", answer.text);
            assert_capi_headers(&answer);
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
    }

    async fn who_accepts_no_encoding_is_told_so_and_starts_nothing(world) {
        let claims = world.claims(json!({}));
        let request = world.http.post(world.url(PATH)).json(&world.init_body(&claims));
        let answer = world.sends(request.header("accept-encoding", "identity;q=0, *;q=0")).await;
        assert_eq!(answer.problem(400)["code"], "invalid_request");
        world.payment_init(&claims).await.expect(200);
    }

    async fn a_page_of_any_origin_may_call_and_read_errors_too(world) {
        let post = || world.http.post(world.url(PATH));
        let body = world.init_body(&world.claims(json!({})));
        from_a_page(world, post().json(&body)).await.expect(200);
        from_a_page(world, post().json(&body)).await.problem(409);
        from_a_page(world, post().body("x")).await.problem(400);
        from_a_page(world, post().body(" ".repeat(70_000))).await.problem(413);
        let missing = world.http.get(world.url("/capi/mcpay/payments/x"));
        from_a_page(world, missing).await.problem(404);
        from_a_page(world, world.http.get(world.url("/capi/mcpay/nothing"))).await.problem(404);
        from_a_page(world, world.http.get(world.url(PATH))).await.problem(405);
    }

    async fn a_browser_may_ask_before_it_posts(world) {
        for path in [PATH, "/capi/mcpay/payments/x/complete"] {
            let request = world
                .http
                .request(reqwest::Method::OPTIONS, world.url(path))
                .header("origin", "https://any.shop.example")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type,idempotency-key");
            let answer = world.sends(request).await;
            assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.text);
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            let methods = answer.header("access-control-allow-methods").to_ascii_uppercase();
            assert!(methods.contains("POST"), "{methods}");
            let headers = answer.header("access-control-allow-headers").to_ascii_lowercase();
            for name in ["content-type", "idempotency-key"] {
                assert!(headers.contains(name), "{headers}");
            }
            assert_capi_headers(&answer);
        }
    }
}

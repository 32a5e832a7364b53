//! The library's addresses (CONTRACT 2), the API's description, the pages for people, health.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs};

use serde_json::{Value, json};

use crate::support::client::Answer;
use crate::support::world::World;

const LIBRARY: &str = "mediaconnectpay.js";

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

macro_rules! in_a_world {
    ($(async fn $name:ident($world:ident) $body:block)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let world = World::on_sqlite().await;
                {
                    let $world = &world;
                    $body
                }
                world.ends().await;
            }
        )+
    };
}

fn assert_is_the_library(answer: &Answer, cache: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        answer.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(answer.header("cache-control"), cache);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!answer.header("etag").is_empty());
}

in_a_world! {
    async fn a_prefix_of_whole_components_gives_the_newest_release_that_matches(world) {
        let newest = [
            ("1", "1.1.0"), ("1.1", "1.1.0"), ("1.1.0", "1.1.0"), ("1.0", "1.0.0"), ("1.0.0", "1.0.0"),
        ];
        for (prefix, version) in newest {
            let released = read(&format!("web/mediaconnectpay/releases/{version}/mediaconnectpay.js"));
            let answer = world.get(&format!("/mcpay/lib/v/{prefix}/{LIBRARY}")).await;
            assert_is_the_library(&answer, "public, max-age=300, must-revalidate");
            assert_eq!(answer.text, released, "{prefix}");
        }
    }

    async fn an_exact_release_never_changes_and_the_newest_build_is_always_asked_for(world) {
        for version in ["1.0.0", "1.1.0"] {
            let exact = world.get(&format!("/mcpay/lib/public/{version}/{LIBRARY}")).await;
            assert_is_the_library(&exact, "public, max-age=31536000, immutable");
            let released = format!("web/mediaconnectpay/releases/{version}/mediaconnectpay.js");
            assert_eq!(exact.text, read(&released));
        }
        let beta = world.get(&format!("/mcpay/lib/beta/{LIBRARY}")).await;
        assert_is_the_library(&beta, "no-cache");
        assert_eq!(beta.text, read("web/mediaconnectpay/src/mediaconnectpay.js"));
    }

    async fn what_was_never_released_is_404(world) {
        let paths = [
            "v/2", "v/10", "v/1.", "v/1.00", "v/01", "v/1.0.0.0", "v/1.2", "v/.", "v/..", "v/x", "v/%00",
            "public/1", "public/1.0", "public/2.0.0", "public/01.0.0", "public/+1.0.0",
            "public/..", "public/%2e%2e",
        ];
        for path in paths {
            let answer = world.get(&format!("/mcpay/lib/{path}/{LIBRARY}")).await;
            assert_eq!(answer.problem(404)["code"], "not_found", "{path}");
        }
        for path in ["v/1/other.js", "v/1/integrity.json", "public/1.0.0/x", "beta/x", "beta/"] {
            world.get(&format!("/mcpay/lib/{path}")).await.problem(404);
        }
    }

    async fn who_has_the_file_already_is_told_so_without_it(world) {
        for path in ["v/1", "public/1.0.0", "beta"] {
            let path = format!("/mcpay/lib/{path}/{LIBRARY}");
            let first = world.get(&path).await;
            let etag = first.header("etag").to_owned();
            let ask = |known: String| {
                world.sends(world.http.get(world.url(&path)).header("if-none-match", known))
            };
            for known in [etag.clone(), format!("\"other\", {etag}")] {
                let again = ask(known).await;
                assert_eq!((again.status, again.text.as_str()), (304, ""));
                assert_eq!(again.header("etag"), etag);
                assert_eq!(again.header("cache-control"), first.header("cache-control"));
                assert_eq!(again.header("access-control-allow-origin"), "*");
            }
            assert_eq!(ask("\"other\"".to_owned()).await.text, first.text);
        }
    }

    async fn the_library_is_sent_small_to_who_can_read_it(world) {
        let url = world.url(&format!("/mcpay/lib/public/1.1.0/{LIBRARY}"));
        let plain = world.sends(world.http.get(url.clone())).await;
        assert_eq!(plain.header("content-encoding"), "");
        let asked = world.http.get(url).header("accept-encoding", "gzip").send().await.unwrap();
        assert_eq!(asked.headers()["content-encoding"], "gzip");
        assert!(asked.headers()["vary"].to_str().unwrap().to_lowercase().contains("accept-encoding"));
        let packed = asked.bytes().await.unwrap();
        assert_eq!(packed[..2], [0x1f, 0x8b], "a gzip stream");
        // RFC 1952: the last four bytes are the length of what was packed.
        let length = u32::from_le_bytes(packed[packed.len() - 4..].try_into().unwrap());
        assert_eq!(usize::try_from(length).unwrap(), plain.text.len());
        assert!(packed.len() <= 10 * 1024, "at most 10 KB gzipped, not {}", packed.len());
    }

    async fn a_page_of_any_origin_may_load_the_library(world) {
        let request = world.http.get(world.url(&format!("/mcpay/lib/v/1/{LIBRARY}")));
        let answer = world.sends(request.header("origin", "https://shop.example")).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }

    async fn the_openapi_document_is_the_checked_in_one(world) {
        let served = world.get("/openapi.json").await.expect(200);
        assert_eq!(served.header("content-type"), "application/json");
        let path = file("openapi/mcpay.json");
        if env::var_os("UPDATE_OPENAPI").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &served.text).unwrap();
        }
        let checked_in = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            checked_in == served.text,
            "openapi/mcpay.json is not what the code describes any more. Look at the change, then \
             write it with: UPDATE_OPENAPI=1 cargo test --test spec openapi"
        );
    }

    async fn every_operation_of_the_document_answers_as_it_says(world) {
        let document = world.get("/openapi.json").await.expect(200).json();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let backend = world.backend().await;
        let mut seen = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                seen += 1;
                let what = format!("{method} {path}");
                assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{what}");
                let target = path.replace("{mcPayRef}", "no-such-payment");
                let target = target.replace("{orderId}", "4711");
                let target = target.replace("{agreementId}", "no-such-agreement");
                let target = target.replace("{productCode}", "NOTHING");
                // Asked well it has no end: `event_stream` reads it.
                let target = target.replace("event/stream", "event/stream?after=x");
                assert!(!target.contains('{'), "{what}: an unknown parameter");
                let method = method.to_uppercase().parse::<reqwest::Method>().unwrap();
                let request = if operation["security"].is_array() {
                    backend.request(method, &target)
                } else {
                    world.http.request(method, world.url(&target))
                };
                let answer = world.sends(request).await;
                let told = &operation["responses"][answer.status.to_string()];
                assert!(told.is_object(), "{what} answers {}, which is not told", answer.status);
                if answer.status >= 400 && !is_told_by_oauth(&what, answer.status) {
                    answer.problem(answer.status);
                }
                problems_are_problems(&what, operation);
            }
        }
        assert!(seen >= 7, "{seen} operations");
    }

    async fn the_pages_for_people_load_nothing_from_elsewhere(world) {
        for path in ["/docs", "/docs/problems"] {
            let page = world.get(path).await.expect(200);
            assert!(page.header("content-type").starts_with("text/html"));
            assert!(page.header("content-security-policy").contains("default-src 'none'"));
            assert!(!page.text.contains("<script "), "{path} works without scripts");
            for attribute in ["src=\"", "href=\"", "action=\""] {
                for (at, _) in page.text.match_indices(attribute) {
                    let target = &page.text[at + attribute.len()..];
                    let target = target.split('"').next().unwrap();
                    let is_ours = target.starts_with('#')
                        || target.starts_with('/') && !target.starts_with("//");
                    assert!(is_ours, "{path} points at {target}");
                    if target.starts_with('/') {
                        world.get(target.split('#').next().unwrap()).await.expect(200);
                    }
                }
            }
        }
        let style = world.get("/mcpay/pages.css").await.expect(200);
        assert!(style.header("content-type").starts_with("text/css"));
        assert!(!style.text.contains("://") && !style.text.contains("@import"));
    }

    async fn the_documentation_names_every_endpoint_and_the_integrity_of_every_release(world) {
        let docs = world.get("/docs").await.expect(200).text;
        let document = world.get("/openapi.json").await.json();
        for path in document["paths"].as_object().unwrap().keys() {
            assert!(docs.contains(path.as_str()), "{path}");
        }
        let integrity: Value =
            serde_json::from_str(&read("web/mediaconnectpay/releases/integrity.json")).unwrap();
        let told = integrity.to_string();
        let start = docs.find("sha384-").expect("an integrity value");
        let shown: String = docs[start..].chars().take_while(|c| *c != '<').collect();
        let shown = shown.replace("&#43;", "+").replace("&#x2f;", "/").replace("&#47;", "/");
        assert!(told.contains(&shown), "{shown} is not in {told}");
    }

    async fn every_code_is_explained_where_its_type_points(world) {
        let page = world.get("/docs/problems").await.expect(200).text;
        for code in mcpay::http::problem::Code::ALL {
            let code = code.as_str();
            assert!(page.contains(&format!("id=\"{code}\"")), "{code} has no place on the page");
        }
    }

    async fn a_service_that_works_says_that_it_is_alive_and_ready(world) {
        let live = world.get("/health/live").await.expect(200).json();
        assert_eq!(live["status"], "ok");
        let ready = world.get("/health/ready").await.expect(200).json();
        assert_eq!(ready["status"], "ok");
        let checks = ready["checks"].as_array().unwrap();
        let names: BTreeSet<&str> =
            checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
        assert!(names.contains("database"), "{names:?}");
        assert!(checks.iter().all(|check| check["ok"] == json!(true)), "{ready}");
        assert!(!ready.to_string().contains("://"), "no address of the inside is told");
    }
}

/// Every documented error is a problem document with the shape of 4.5.
/// RFC 6749 has words of its own for what is wrong with a request for a token.
fn is_told_by_oauth(what: &str, status: u16) -> bool {
    what.ends_with("/login/oauth/token") && matches!(status, 400 | 401)
}

fn problems_are_problems(what: &str, operation: &Value) {
    for (status, response) in operation["responses"].as_object().unwrap() {
        let is_error = status.starts_with('4') || status.starts_with('5');
        let is_oauth = status
            .parse()
            .is_ok_and(|status| is_told_by_oauth(what, status));
        if !is_error || is_oauth || what.ends_with("/health/ready") {
            continue;
        }
        let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(
            schema, "#/components/schemas/ProblemBody",
            "{what} {status}"
        );
    }
}

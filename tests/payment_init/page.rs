//! Where the payer's page is (8.7), which is where a seamless view comes back to.

use serde_json::{Value, json};
use url::Url;

use crate::on_both_databases;
use crate::support::client_file::ClientFile;
use crate::support::world::{StartedPayment, World};

const ELSEWHERE: &str = "https://elsewhere.example";

/// Starts a payment with this body's pageUrl and this Origin; answers the page that was kept.
async fn page_of(world: &World, changes: Value, page: Option<&str>, origin: Option<&str>) -> Url {
    let claims = world.claims(changes);
    let mut body = world.init_body(&claims);
    body["pageUrl"] = json!(page);
    let mut request = world
        .http
        .post(world.url("/capi/mcpay/paymentInit"))
        .json(&body);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    let answer = world.sends(request).await.expect(200).json();
    let reference = answer["mcPayRef"].as_str().unwrap().to_owned();
    let payment = StartedPayment {
        reference: reference.clone(),
        answer,
    };
    let page = Url::parse(&world.stored(&payment).await.page_url).unwrap();
    let references: Vec<String> = page
        .query_pairs()
        .filter(|(name, _)| name == "mcPayRef")
        .map(|(_, value)| value.into_owned())
        .collect();
    assert_eq!(
        references,
        [reference],
        "the page carries this payment's reference, once"
    );
    page
}

on_both_databases! {
    async fn the_first_of_page_checkout_return_origin_and_allowed_origin_is_taken(world) {
        let second = "https://second.example";
        let mut file = world.client_file();
        file.origins.push(second.to_owned());
        world.applies_at_once(&file).await;
        let at = |path: &str| world.url(path).to_string();
        let seamless = |more: Value| {
            let mut changes = json!({ "paymentFlow": "seamless", "returnUrl": null });
            changes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            changes
        };
        let all = || seamless(json!({ "checkoutUrl": at("/c"), "returnUrl": at("/r") }));
        let page = at("/p");

        assert_eq!(page_of(world, all(), Some(&page), Some(second)).await.path(), "/p");
        assert_eq!(page_of(world, all(), None, Some(second)).await.path(), "/c");
        let back = seamless(json!({ "returnUrl": at("/r") }));
        assert_eq!(page_of(world, back, None, Some(second)).await.path(), "/r");
        let bare = page_of(world, seamless(json!({})), None, Some(second)).await;
        assert_eq!(bare.host_str(), Some("second.example"));
        for origin in [None, Some(ELSEWHERE), Some("null"), Some("not an origin")] {
            let bare = page_of(world, seamless(json!({})), None, origin).await;
            assert_eq!(bare.origin(), world.base.origin(), "{origin:?}");
        }
    }

    async fn an_old_reference_is_replaced_and_the_rest_of_the_page_stays(world) {
        let page = world.url("/p?a=1&mcPayRef=old&b=%20x#part").to_string();
        let changes = json!({ "paymentFlow": "seamless", "returnUrl": null });
        let kept = page_of(world, changes, Some(&page), None).await;
        let query = kept.query().unwrap();
        assert!(query.starts_with("a=1&b=%20x&mcPayRef="), "{query}");
        assert_eq!(kept.fragment(), Some("part"));
    }

    async fn a_page_on_a_foreign_origin_is_refused_in_the_seamless_flow_and_ignored_else(world) {
        let foreign = format!("{ELSEWHERE}/p");
        let claims = world.claims(json!({ "paymentFlow": "seamless", "returnUrl": null }));
        let mut body = world.init_body(&claims);
        body["pageUrl"] = json!(foreign);
        let problem = world.post("/capi/mcpay/paymentInit", &body).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], "pageUrl");
        assert_eq!(problem["errors"][0]["code"], "not_allowed");

        let page = page_of(world, json!({}), Some(&foreign), None).await;
        assert_eq!(page.path(), "/shop/thanks", "the redirect flow goes by returnUrl");
    }

    async fn a_client_that_moved_is_served_on_its_new_origins_only(world) {
        let moved = ClientFile { origins: vec![ELSEWHERE.to_owned()], ..world.client_file() };
        world.applies_at_once(&moved).await;
        let problem = world.payment_init(&world.claims(json!({}))).await.problem(400);
        assert_eq!(problem["errors"][0]["code"], "not_allowed");
        world.starts(json!({ "returnUrl": format!("{ELSEWHERE}/thanks") })).await;
    }
}

//! A shop of somebody else, on an origin of its own: one page under a strict policy that loads the
//! library's exact release from our CDN, with its hash, and logs its callbacks as the demo shop does.

use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use mcpay::cli::DEMO_CLIENT;
use serde_json::Value;
use url::Url;

use crate::support::world::World;

const SCRIPT: &str = r"
const { api, client, sign } = document.body.dataset;
const note = (name) => (...args) => {
  const entry = document.createElement('li');
  entry.dataset.testid = `callback-${name}`;
  const json = document.createElement('pre');
  json.dataset.testid = `callback-${name}-json`;
  json.textContent = JSON.stringify(args.map((arg) => (arg === undefined ? null : arg)));
  entry.append(json);
  document.querySelector('ol').append(entry);
};
const names = ['onInit', 'onSuccess', 'onFailure', 'onRedirect'];
const callback = Object.fromEntries(names.map((name) => [name, note(name)]));
const pay = () => mediaconnectpay.Api.paymentInit({ clientCode: client, sign }, callback);
mediaconnectpay.Api.init({ baseUrl: api, elementId: 'view' });
document.querySelector('button').addEventListener('click', pay);
if (new URLSearchParams(location.search).has('mcPayRef')) pay();
";

/// Where the shop will be, taken before the world is made, which must allow it.
pub struct Place {
    listener: TcpListener,
    pub origin: Url,
}

impl Place {
    /// The host differs from the service's `localhost`, so to a browser it is another site.
    pub fn find() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let origin = Url::parse(&format!("http://{address}")).expect("an origin");
        Self { listener, origin }
    }
}

pub struct Merchant {
    origin: Url,
    server: ServerHandle,
}

struct Pages {
    shop: String,
    policy: String,
}

impl Merchant {
    /// Serves the shop; `claims` are signed once, as its server would for one order.
    pub fn opens(place: Place, world: &World, claims: &Value) -> Self {
        let pages = Data::new(Pages {
            shop: shop(world, &world.sign(claims)),
            policy: policy(&world.base),
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(pages.clone())
                .route("/", web::get().to(page))
                .route("/framed", web::get().to(framed))
                .route("/page.js", web::get().to(script))
        })
        .workers(1)
        .disable_signals()
        .listen(place.listener)
        .expect("the shop's port")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            origin: place.origin,
            server: handle,
        }
    }

    pub fn url(&self, path: &str) -> Url {
        self.origin.join(path).expect("a path")
    }

    pub async fn closes(self) {
        self.server.stop(false).await;
    }
}

fn shop(world: &World, sign: &str) -> String {
    let releases = include_str!("../../web/mediaconnectpay/releases/integrity.json");
    let releases: Value = serde_json::from_str(releases).expect("the releases");
    let hash = releases["1.1.0"].as_str().expect("the hash of 1.1.0");
    let base = world.base.as_str().trim_end_matches('/');
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Another shop</title>
<link rel="icon" href="data:,">
<script src="{base}/mcpay/lib/public/1.1.0/mediaconnectpay.js" integrity="{hash}" crossorigin="anonymous" defer></script>
<script src="/page.js" defer></script></head>
<body data-api="{base}/capi/mcpay" data-client="{DEMO_CLIENT}" data-sign="{sign}">
<button data-testid="pay-button">Pay</button>
<div id="view" data-testid="payment-view"></div><ol data-testid="callback-log"></ol></body></html>"#
    )
}

/// Only what the library's README asks for.
fn policy(base: &Url) -> String {
    let service = base.origin().ascii_serialization();
    format!(
        "default-src 'none'; script-src 'self' {service}; connect-src {service}; \
         frame-src 'self' {service}; img-src data:"
    )
}

async fn page(pages: Data<Pages>) -> HttpResponse {
    html(&pages, pages.shop.clone())
}

async fn framed(pages: Data<Pages>) -> HttpResponse {
    let text = r#"<!doctype html><html lang="en"><title>Around</title>
<link rel="icon" href="data:,"><iframe src="/" title="The shop"></iframe></html>"#;
    html(&pages, text.to_owned())
}

async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(SCRIPT)
}

fn html(pages: &Pages, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-security-policy", pages.policy.clone()))
        .content_type("text/html; charset=utf-8")
        .body(text)
}

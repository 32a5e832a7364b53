//! What the demo shop sells, and how its server signs a token for it.

use actix_web::web::{Data, Json};
use actix_web::{get, post};
use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mcpay_port::{Flow, PaymentMethod, ProviderId};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Shop, trials};
use crate::http::app::App;
use crate::http::problem::{Code, FieldProblem, Problem};

const TOKEN_SECONDS: i64 = 3600;

/// What the shop asks Vipps for, where the payer agreed to be asked.
const PROFILE: &str = "name email phoneNumber";

struct Product {
    id: &'static str,
    title: &'static str,
    description: &'static str,
    price: &'static str,
    start_price: Option<&'static str>,
    recurring: bool,
}

const PRODUCTS: [Product; 3] = [
    Product {
        id: "single-issue",
        title: "Saturday edition",
        description: "One issue, paid once",
        price: "49.00",
        start_price: None,
        recurring: false,
    },
    Product {
        id: "annual",
        title: "A year of everything",
        description: "Twelve months, paid once",
        price: "349.50",
        start_price: None,
        recurring: false,
    },
    Product {
        id: "subscription",
        title: "Digital subscription",
        description: "First month for a krone, then monthly",
        price: "349.00",
        start_price: Some("1.00"),
        recurring: true,
    },
];

/// What the page offers.
#[get("/demo/config.json")]
pub async fn shop_config(app: Data<App>, shop: Data<Shop>) -> Result<Json<Value>, Problem> {
    let profile = app.registry.profile(shop.client.as_str());
    let methods: Vec<Value> = PaymentMethod::ALL
        .into_iter()
        .map(|method| {
            let flows: Vec<&str> = [Flow::Seamless, Flow::Redirect]
                .into_iter()
                .filter(|flow| method.has_flow(*flow))
                .map(Flow::as_str)
                .collect();
            let available = profile
                .as_ref()
                .is_some_and(|profile| profile.accounts.contains_key(&method.provider()));
            json!({
                "id": method, "title": title(method), "flows": flows, "available": available,
                "provider": provider_name(method.provider()),
                "asksForPhone": method.provider() == ProviderId::Vipps,
                "testCards": trials::test_cards(method.provider()),
                "note": trials::note(method.provider()),
                "recurring": !matches!(method.recurring(), mcpay_port::Recurring::Never),
                "oneTime": !matches!(method.recurring(), mcpay_port::Recurring::Always),
            })
        })
        .collect();
    let products: Vec<Value> = PRODUCTS
        .iter()
        .map(|product| {
            json!({
                "id": product.id, "title": product.title, "description": product.description,
                "price": product.price, "currency": "NOK", "recurring": product.recurring,
                "startPrice": product.start_price,
            })
        })
        .collect();
    Ok(Json(json!({
        "clientCode": shop.client.as_str(),
        "libraryUrl": "/mcpay/lib/v/1/mediaconnectpay.js",
        "baseUrl": join(&shop, "capi/mcpay"),
        "products": products,
        "methods": methods,
        "phoneNumber": trials::DEMO_PHONE_NUMBER,
    })))
}

/// What the payer chose. No `Debug`: it may have a phone number.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    product_id: String,
    method: String,
    flow: String,
    /// For Vipps; as the payer wrote it, perhaps with spaces.
    #[serde(default)]
    phone_number: String,
    /// For Vipps: whether to ask for name, e-mail and phone number.
    #[serde(default)]
    ask_profile: bool,
}

/// Signs what the payer chose. The secret never leaves the server.
#[post("/demo/sign")]
pub async fn sign(shop: Data<Shop>, choice: Json<Choice>) -> Result<Json<Signed>, Problem> {
    let product = PRODUCTS
        .iter()
        .find(|product| product.id == choice.product_id)
        .ok_or_else(|| refused("productId", "The shop does not sell this product."))?;
    let method: PaymentMethod = choice
        .method
        .parse()
        .map_err(|()| refused("method", "This is not a payment method."))?;
    let flow: Flow = choice
        .flow
        .parse()
        .map_err(|()| refused("flow", "Choose seamless or redirect."))?;
    let phone_number = read_phone_number(&choice.phone_number)?;
    let mut claims = claims(&shop, product, method, flow);
    if method.provider() == ProviderId::Vipps {
        claims.phone_number = phone_number;
        claims.payment_scope = choice.ask_profile.then_some(PROFILE);
    }
    let key = EncodingKey::from_secret(shop.signing_secret.expose_secret().as_bytes());
    let header = Header {
        kid: Some("demo".to_owned()),
        ..Header::new(Algorithm::HS512)
    };
    let sign =
        jsonwebtoken::encode(&header, &claims, &key).map_err(|_| Problem::new(Code::Internal))?;
    Ok(Json(Signed {
        client_code: claims.client_code.clone(),
        sign,
        claims,
    }))
}

/// What the page hands to the library, and what it shows of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    client_code: String,
    sign: String,
    claims: Claims,
}

/// The claims of CONTRACT 4.1, as a shop's server would write them. No `Debug`: see [`Choice`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    client_code: String,
    payment_method: PaymentMethod,
    payment_flow: Flow,
    recurring: bool,
    description: &'static str,
    external_reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_spec_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_spec_no: Option<i64>,
    /// As it stands in the catalogue: a decimal that never was a float.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_scope: Option<&'static str>,
    nbf: i64,
    iat: i64,
    exp: i64,
}

fn claims(shop: &Shop, product: &Product, method: PaymentMethod, flow: Flow) -> Claims {
    let now = Utc::now().timestamp();
    let coupon = product.recurring.then_some(("TOTT", 1));
    let price = RawValue::from_string(product.price.to_owned()).ok();
    let is_embedded = flow == Flow::Seamless && method == PaymentMethod::Nexi;
    Claims {
        client_code: shop.client.as_str().to_owned(),
        payment_method: method,
        payment_flow: flow,
        recurring: product.recurring,
        description: product.title,
        external_reference: format!("demo-{}", Uuid::new_v4().simple()),
        product_spec_code: coupon.map(|(code, _)| code),
        product_spec_no: coupon.map(|(_, number)| number),
        amount: price.filter(|_| coupon.is_none()),
        currency: coupon.is_none().then_some("NOK"),
        return_url: (flow == Flow::Redirect).then(|| join(shop, "demo/done.html")),
        checkout_url: is_embedded.then(|| join(shop, "demo/")),
        phone_number: None,
        payment_scope: None,
        nbf: now,
        iat: now,
        exp: now + TOKEN_SECONDS,
    }
}

/// Without the spaces that people write; whether it can be somebody's number the API tells.
fn read_phone_number(text: &str) -> Result<Option<String>, Problem> {
    let number: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = "Write the phone number with digits, and its country code after a plus sign.";
        return Err(refused("phoneNumber", message));
    }
    Ok((!digits.is_empty()).then_some(number))
}

const fn title(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::CreditcardPayex => "Card (PayEx)",
        PaymentMethod::VippsRecurring => "Vipps, recurring",
        PaymentMethod::VippsEcommerce => "Vipps",
        PaymentMethod::Nexi => "Card (Nexi)",
    }
}

/// As a payer knows it.
const fn provider_name(provider: ProviderId) -> &'static str {
    match provider {
        ProviderId::Payex => "PayEx",
        ProviderId::Vipps => "Vipps",
        ProviderId::Nexi => "Nexi",
    }
}

fn join(shop: &Shop, path: &str) -> String {
    format!("{}/{path}", shop.public_url.as_str().trim_end_matches('/'))
}

fn refused(field: &str, message: &str) -> Problem {
    Problem {
        errors: vec![FieldProblem {
            field: field.to_owned(),
            code: "invalid".to_owned(),
            message: message.to_owned(),
        }],
        ..Problem::detailed(Code::InvalidRequest, message)
    }
}

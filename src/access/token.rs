//! The access token: a JWT of our own, HS512, that only this service reads.

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::{LIFETIME, LiveKey};

/// Instances' clocks differ by less.
const LEEWAY: Duration = Duration::seconds(60);

/// Marks our access tokens (RFC 9068): no other JWT, whoever signed it, can be taken for one.
const TYPE: &str = "at+jwt";
const AUDIENCE: &str = "mcpay:client-api";

/// No token of ours is longer, bytes.
const LONGEST: usize = 2_048;

#[derive(Serialize, Deserialize)]
pub(super) struct TokenClaims {
    aud: String,
    /// The client code.
    pub(super) sub: String,
    /// The generation of the secret that it was got with.
    #[serde(rename = "gen")]
    pub(super) generation: i64,
    iat: i64,
    pub(super) exp: i64,
    jti: Uuid,
}

/// `None` when the library cannot sign, which it can with any key of ours.
pub(super) fn sign(
    key: &LiveKey,
    client_code: &str,
    generation: i64,
    id: Uuid,
    now: DateTime<Utc>,
) -> Option<String> {
    let header = Header {
        typ: Some(TYPE.to_owned()),
        kid: Some(key.kid.clone()),
        ..Header::new(Algorithm::HS512)
    };
    let claims = TokenClaims {
        aud: AUDIENCE.to_owned(),
        sub: client_code.to_owned(),
        generation,
        iat: now.timestamp(),
        exp: (now + LIFETIME).timestamp(),
        jti: id,
    };
    jsonwebtoken::encode(&header, &claims, &key.signs).ok()
}

/// The kid of something that looks like a token of ours.
pub(super) fn find_kid(token: &str) -> Option<String> {
    if token.len() > LONGEST {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    let is_ours = header.typ.as_deref() == Some(TYPE) && header.alg == Algorithm::HS512;
    header.kid.filter(|_| is_ours)
}

/// The claims, if this key signed them and they hold at `now`. The time is checked here and not by
/// the library, which has a clock of its own.
pub(super) fn read(key: &LiveKey, token: &str, now: DateTime<Utc>) -> Option<TokenClaims> {
    let mut validation = Validation::new(Algorithm::HS512);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "aud", "sub"]);
    validation.validate_exp = false;
    let claims: TokenClaims = jsonwebtoken::decode(token, &key.verifies, &validation)
        .ok()?
        .claims;
    let holds = now.timestamp() < claims.exp && claims.iat <= (now + LEEWAY).timestamp();
    holds.then_some(claims)
}

//! The library and the style of our own pages (CONTRACT 2). Files are part of the binary.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::LazyLock;

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, AcceptEncoding, CACHE_CONTROL, ContentEncoding, ETAG, Encoding,
    Header as _, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use aws_lc_rs::digest::{SHA384, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::Embed;

use super::problem::{Code, Problem};

/// `1.0.0/mediaconnectpay.js` and its types, one folder per release.
#[derive(Embed)]
#[folder = "web/mediaconnectpay/releases"]
struct Releases;

/// The newest build under development.
#[derive(Embed)]
#[folder = "web/mediaconnectpay/src"]
struct Newest;

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const SHORT: &str = "public, max-age=300, must-revalidate";
const NO_CACHE: &str = "no-cache";
const FILES: [(&str, &str); 2] = [
    ("mediaconnectpay.js", "text/javascript; charset=utf-8"),
    ("mediaconnectpay.d.ts", "text/plain; charset=utf-8"),
];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(by_prefix)
        .service(exact)
        .service(beta)
        .service(pages_css);
}

/// The newest release that matches a whole-component prefix: `1`, `1.0` or `1.0.0`.
#[get("/mcpay/lib/v/{prefix}/{file}")]
async fn by_prefix(
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (prefix, file) = path.into_inner();
    let version = newest_matching(&prefix).ok_or_else(unknown)?;
    serve(&request, release(&version, &file), &file, SHORT)
}

#[get("/mcpay/lib/public/{version}/{file}")]
async fn exact(
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (version, file) = path.into_inner();
    serve(&request, release(&version, &file), &file, IMMUTABLE)
}

#[get("/mcpay/lib/beta/{file}")]
async fn beta(request: HttpRequest, file: Path<String>) -> Result<HttpResponse, Problem> {
    serve(
        &request,
        Newest::get(&file).map(|found| found.data),
        &file,
        NO_CACHE,
    )
}

#[get("/mcpay/pages.css")]
async fn pages_css() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, SHORT))
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../../templates/pages.css"))
}

/// Every release with the `integrity` value of its library, newest first.
pub fn integrities() -> Vec<(String, String)> {
    let mut versions = versions();
    versions.reverse();
    versions
        .into_iter()
        .filter_map(|version| {
            let name = version_name(version);
            let file = release(&name, FILES[0].0)?;
            let hash = STANDARD.encode(digest(&SHA384, &file));
            Some((name, format!("sha384-{hash}")))
        })
        .collect()
}

type Version = (u32, u32, u32);

fn versions() -> Vec<Version> {
    let mut found: Vec<Version> = Releases::iter()
        .filter_map(|path| parse_version(path.split('/').next()?))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn parse_version(name: &str) -> Option<Version> {
    let mut parts = name.split('.').map(str::parse);
    let version = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    parts.next().is_none().then_some(version)
}

fn version_name((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}

fn newest_matching(prefix: &str) -> Option<String> {
    let whole = format!("{prefix}.");
    versions()
        .into_iter()
        .rev()
        .map(version_name)
        .find(|name| name == prefix || name.starts_with(&whole))
}

fn release(version: &str, file: &str) -> Option<Cow<'static, [u8]>> {
    parse_version(version)?;
    Releases::get(&format!("{version}/{file}")).map(|found| found.data)
}

fn serve(
    request: &HttpRequest,
    data: Option<Cow<'static, [u8]>>,
    file: &str,
    cache: &str,
) -> Result<HttpResponse, Problem> {
    let media = FILES
        .iter()
        .find(|(name, _)| *name == file)
        .map(|(_, media)| *media);
    let (data, media) = data.zip(media).ok_or_else(unknown)?;
    let mut etag = String::from("W/\"");
    for byte in digest(&SHA384, &data).as_ref().iter().take(12) {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.contains(etag.as_str()));
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((ETAG, etag))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type(media);
    if is_known {
        return Ok(response.finish());
    }
    // The middleware compresses in haste, for answers that are made once.
    let accepted = AcceptEncoding::parse(request).ok();
    let takes_gzip = accepted.and_then(|accepted| accepted.negotiate([Encoding::gzip()].iter()));
    Ok(match PACKED.get(data.as_ref()) {
        Some(packed) if takes_gzip == Some(Encoding::gzip()) => response
            .insert_header(ContentEncoding::Gzip)
            .insert_header((VARY, "accept-encoding"))
            .body(packed.clone()),
        _ => response.body(data.into_owned()),
    })
}

/// Every version of the library, and as small as gzip makes it.
static PACKED: LazyLock<HashMap<Cow<'static, [u8]>, Bytes>> = LazyLock::new(|| {
    let name = FILES[0].0;
    let releases = versions()
        .into_iter()
        .filter_map(|version| release(&version_name(version), name));
    let newest = Newest::get(name).map(|found| found.data);
    let pack = |data: Cow<'static, [u8]>| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&data).ok()?;
        Some((data, Bytes::from(packer.finish().ok()?)))
    };
    releases.chain(newest).filter_map(pack).collect()
});

fn unknown() -> Problem {
    Problem::detailed(Code::NotFound, "There is no such release of the library.")
}

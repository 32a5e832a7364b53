//! The file of CONTRACT 7.1: what it takes, and how it tells everything that is wrong.

use std::path::Path;
use std::time::Duration;

use mcpay_port::{AccountProblem, AccountSettings, PeriodUnit, ProviderId};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::clients::CapturePolicy;
use crate::signing::SigningAlgorithm;

const SETTINGS: &str = r#"
[[client]]
client_code = "no.example.shop"
name = "Shop"
company_code = "SHOP"
merchant_group = "shop"
country = "NO"
default_currency = "NOK"
allowed_origins = ["https://Shop.example:443", "http://localhost:8080"]
"#;

const BELONGINGS: &str = r#"
[[client.signing_key]]
kid = "2026-11"
algorithm = "HS512"
secret = { env = "SIGNING" }

[client.oauth]
secret = { file = "oauth.txt" }

[client.payex]
payee_id = "p"
access_token = { env = "PAYEX" }

[client.vipps]
client_id = "x"

[[client.coupon]]
code = "TOTT"
number = 1
product = "TOTT"
description = "Monthly"
price = "349.00"
start_price = "0"
vat_percent = "25"
period_length = 1
period_type = "months"
"#;

fn env(name: &str) -> Option<String> {
    match name {
        "SIGNING" => Some("a-signing-secret-0123456789-abcdefgh".to_owned()),
        "PAYEX" => Some("a-payex-token".to_owned()),
        "DEMO" => Some(DEMO_SIGNING_SECRET.to_owned()),
        _ => None,
    }
}

fn check(provider: ProviderId, settings: &AccountSettings) -> Option<Result<(), AccountProblem>> {
    if provider != ProviderId::Payex {
        return None;
    }
    let json: serde_json::Value = settings.read().unwrap();
    Some(if json["access_token"] == "a-payex-token" {
        Ok(())
    } else {
        Err(AccountProblem("missing field `access_token`".to_owned()))
    })
}

fn read_in(directory: &Path, text: &str) -> Result<ApplyFile, Vec<FileProblem>> {
    let options = ApplyOptions {
        refuse_demo_secrets: true,
        env: &env,
        directory,
    };
    read_apply_file(text, &options, check)
}

fn read(text: &str) -> Result<ApplyFile, Vec<FileProblem>> {
    read_in(Path::new("/nowhere"), text)
}

/// `path: message` of every problem.
fn problems(text: &str) -> Vec<String> {
    let problems = read(text).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_complete_file_gives_a_complete_client() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("oauth.txt"), "an-oauth-secret-0123456789\n").unwrap();
    let file = read_in(directory.path(), &format!("{SETTINGS}{BELONGINGS}")).unwrap();
    let draft = &file.clients[0];
    assert_eq!(draft.client.code.as_str(), "no.example.shop");
    let origins = ["https://shop.example", "http://localhost:8080"];
    assert_eq!(draft.client.allowed_origins, origins);
    let key = &draft.signing_keys[0];
    assert_eq!(
        (key.kid.as_str(), key.algorithm),
        ("2026-11", SigningAlgorithm::HS512)
    );
    assert_eq!(key.material.expose_secret(), env("SIGNING").unwrap());
    let coupon = &draft.coupons[0];
    assert_eq!((coupon.number, coupon.price.minor()), (1, 34_900));
    assert!(coupon.start_price.unwrap().is_zero());
    let period = coupon.period.unwrap();
    assert_eq!((period.length, period.unit), (1, PeriodUnit::Months));
    assert_eq!(draft.accounts.len(), 1, "vipps has no adapter here");
    assert_eq!(draft.accounts[0].provider, ProviderId::Payex);
    let noticed: Vec<&str> = file
        .notices
        .iter()
        .map(|notice| notice.path.as_str())
        .collect();
    assert_eq!(noticed, ["client[0].vipps"]);
}

#[test]
fn what_is_left_out_has_its_default() {
    let file = read(SETTINGS).unwrap();
    let client = &file.clients[0].client;
    assert_eq!(client.capture, CapturePolicy::OnOrder);
    let limits = (
        client.rate_limit.per_second.get(),
        client.rate_limit.per_minute.get(),
    );
    assert_eq!(limits, (100, 2_000));
    assert_eq!(client.claim_within, Duration::from_secs(86_400));
    assert_eq!(client.pay_within, Duration::from_secs(3_600));
    assert_eq!(
        (client.language.as_str(), client.agreement_url.as_ref()),
        ("nb-NO", None)
    );
    assert_eq!(file.notices[0].path, "client[0].signing_key");
    let swedish = SETTINGS.replace("\"NO\"", "\"SE\"");
    assert_eq!(read(&swedish).unwrap().clients[0].client.language, "sv-SE");
}

/// As much wrong as fits.
const BROKEN: &str = r#"
colour = 1
[[client]]
client_code = "No Shop"
company_code = 5
merchant_group = ""
country = "Norway"
default_currency = "NOK"
allowed_origins = ["https://shop.example/path", "shop"]
capture = "never"
rate_limit = { per_second = 0, per_day = 5 }
claim_within = "1 day"
language = "norsk"
terms_url = "ftp://x"
pay_witihn = "1h"
[[client.signing_key]]
kid = "a"
algorithm = "HS512"
secret = "too short"
[[client.signing_key]]
kid = "b"
algorithm = "RS256"
secret = { env = "SIGNING" }
[[client.signing_key]]
kid = "c"
algorithm = "HS256"
secret = { env = "MISSING" }
[[client.coupon]]
code = "A"
number = "1"
product = "A"
description = "A"
price = 349.0
vat_percent = "101"
period_length = 0
period_type = "months"
[[client.coupon]]
code = "A"
number = 2
product = "A"
description = "A"
price = "349.005"
start_price = "-1"
vat_percent = "25"
period_type = "months"
"#;

/// Where.
const BROKEN_PATHS: [&str; 26] = [
    "colour",
    "client[0].client_code",
    "client[0].name",
    "client[0].company_code",
    "client[0].merchant_group",
    "client[0].country",
    "client[0].allowed_origins[0]",
    "client[0].allowed_origins[1]",
    "client[0].capture",
    "client[0].rate_limit.per_second",
    "client[0].rate_limit.per_day",
    "client[0].claim_within",
    "client[0].language",
    "client[0].terms_url",
    "client[0].pay_witihn",
    "client[0].signing_key[0].secret",
    "client[0].signing_key[1].secret",
    "client[0].signing_key[1].public_key",
    "client[0].signing_key[2].secret",
    "client[0].coupon[0].number",
    "client[0].coupon[0].price",
    "client[0].coupon[0].vat_percent",
    "client[0].coupon[0].period_length",
    "client[0].coupon[1].price",
    "client[0].coupon[1].start_price",
    "client[0].coupon[1].period_length",
];

#[test]
fn all_problems_are_told_at_once_with_their_paths() {
    let told = problems(BROKEN);
    for path in BROKEN_PATHS {
        let of_path = |told: &&String| told.starts_with(&format!("{path}: "));
        assert_eq!(
            told.iter().filter(of_path).count(),
            1,
            "{path} in {told:#?}"
        );
    }
    assert_eq!(told.len(), BROKEN_PATHS.len(), "{told:#?}");
}

#[test]
fn secrets_never_stand_in_a_message() {
    let hidden = "hidden-secret-value";
    let texts = [
        format!("{SETTINGS}[[client.signing_key]]\nkid='a'\nalgorithm='HS512'\nsecret='{hidden}'"),
        format!(
            "{SETTINGS}[[client.signing_key]]\nkid='a'\nalgorithm='RS256'\npublic_key='{hidden}'"
        ),
        format!("{SETTINGS}[client.oauth]\nsecret=['{hidden}']"),
        format!("{SETTINGS}[client.payex]\naccess_token='{hidden}'"),
        format!("{SETTINGS}[client.payex]\naccess_token='{hidden}"),
        format!("{SETTINGS}[client.payex]\naccess_token={hidden}"),
    ];
    for text in texts {
        let told = problems(&text);
        assert!(
            !told.is_empty() && !told.join("\n").contains(hidden),
            "{told:?}"
        );
    }
}

#[test]
fn the_secrets_of_the_demo_are_refused_everywhere_but_in_the_demo() {
    let texts = [
        format!(
            "{SETTINGS}[[client.signing_key]]\nkid='a'\nalgorithm='HS512'\nsecret={{env='DEMO'}}"
        ),
        format!("{SETTINGS}[client.oauth]\nsecret='{DEMO_OAUTH_SECRET}'"),
    ];
    for text in texts {
        assert_eq!(problems(&text).len(), 1, "{text}");
        let options = ApplyOptions {
            refuse_demo_secrets: false,
            env: &env,
            directory: Path::new("/nowhere"),
        };
        read_apply_file(&text, &options, check).unwrap();
    }
}

#[test]
fn clients_keys_and_coupons_that_stand_there_twice_are_told() {
    let key = "[[client.signing_key]]\nkid='a'\nalgorithm='HS512'\nsecret={env='SIGNING'}\n";
    let coupon = "[[client.coupon]]\ncode='A'\nnumber=1\nproduct='A'\ndescription='A'\n\
                  price='1'\nvat_percent='0'\n";
    let text = format!("{SETTINGS}{key}{key}{coupon}{coupon}{SETTINGS}");
    let told = problems(&text);
    let paths: Vec<&str> = told
        .iter()
        .filter_map(|told| told.split(": ").next())
        .collect();
    let wanted = [
        "client[0].signing_key[1].kid",
        "client[0].coupon[1].number",
        "client[1].client_code",
    ];
    assert_eq!(paths, wanted);
}

#[test]
fn what_is_not_toml_is_told_by_line() {
    let told = problems("[[client]]\nname = \n");
    assert!(told[0].starts_with("line 2, column "), "{told:?}");
    assert_eq!(problems("").len(), 1);
    assert_eq!(problems("client = 5").len(), 1);
}

#[test]
fn durations_are_a_number_with_a_unit() {
    let seconds = |text| super::duration::read_duration(text).map(|read| read.as_secs());
    let cases = [
        ("24h", 86_400),
        ("30m", 1_800),
        ("90s", 90),
        ("7d", 604_800),
    ];
    for (text, wanted) in cases {
        assert_eq!(seconds(text), Some(wanted), "{text}");
    }
    for text in [
        "",
        "h",
        "0h",
        "-1h",
        "+1h",
        "1.5h",
        "1 h",
        "1h30m",
        "1w",
        "24",
        "367d",
        "99999999999999999999d",
    ] {
        assert_eq!(seconds(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reading_panic(text in ".{0,200}", cut in 0_usize..900) {
        let _ = read(&text);
        let whole = format!("{SETTINGS}{BELONGINGS}");
        let cut = whole.get(..cut.min(whole.len())).unwrap_or_default();
        let _ = read(&format!("{cut}{text}"));
    }
}

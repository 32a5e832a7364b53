//! The subscription's life that the README tells, exactly as it stands there: the script is run
//! against the test's server. It needs bash, curl and openssl, and fails where they are not.

use std::process::{Command, Stdio};

use mcpay::payments::payment::Status;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::on_both_databases;
use crate::support::world::{StartedPayment, World};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/subscription.sh");
/// Seconds, and well above what a busy machine needs.
const LIMIT: &str = "120";

/// Runs the script to its end; what it wrote on standard output.
async fn tells(world: &World) -> String {
    let base = world.base.as_str().trim_end_matches('/');
    let mut script = Command::new("timeout");
    script
        .args([LIMIT, "bash", SCRIPT, base])
        .stdin(Stdio::null());
    let running = spawn_blocking(move || script.output());
    let ended = running
        .await
        .unwrap()
        .expect("coreutils, bash, curl and openssl");
    let out = String::from_utf8_lossy(&ended.stdout).into_owned();
    let err = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}\n{out}\n{err}", ended.status);
    out
}

fn payment_named(reference: &str) -> StartedPayment {
    StartedPayment {
        reference: reference.to_owned(),
        answer: json!({}),
    }
}

on_both_databases! {
    async fn a_subscriptions_life_in_curl_is_as_the_readme_tells_it(world) {
        let out = tells(world).await;

        let first = out.lines().find_map(|line| line.strip_prefix("mcPayRef "));
        let first = world.stored(&payment_named(first.expect("the first payment"))).await;
        assert_eq!(first.status, Status::Captured, "the order took it");
        let charge = out.lines().find(|line| line.starts_with("{\"mcPayRef\""));
        let charge: Value = serde_json::from_str(charge.expect("the charge")).unwrap();
        assert_eq!(charge["capturedAmount"], "349.00");
        assert_eq!(charge["refundedAmount"], "174.50");
        for told in [
            "payment.initiated", "payment.authorized", "agreement.activated", "order.registered",
            "payment.captured", "order.fulfilled", "payment.refunded", "agreement.stopped",
        ] {
            assert!(out.lines().any(|line| line == told), "{told} was not told:\n{out}");
        }
    }
}

#[test]
fn the_readme_names_the_script_and_shows_its_heart() {
    let read = |path: &str| {
        let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect("the file")
    };
    let (readme, script) = (read("README.md"), read("examples/subscription.sh"));
    let (_, section) = readme
        .split_once("## A subscription's life in curl")
        .expect("the section");
    assert!(section.contains("examples/subscription.sh"));
    let (_, shown) = section.split_once("```bash\n").expect("the quoted part");
    let (shown, _) = shown.split_once("```").expect("its end");
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(
            script.lines().any(|own| own == line),
            "not in the script: {line}"
        );
    }
}

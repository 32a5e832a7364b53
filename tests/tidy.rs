//! The rules of the house that no compiler knows. Each is a test that names file, line and rule; each is also tried on
//! a made-up repository that breaks it, so that a rule which stopped looking is noticed.

mod layers;
mod text;
mod tokens;
mod tree;

use self::tree::{Finding, Tree};

type Rule = fn(&Tree) -> Vec<Finding>;

fn assert_holds(rule: Rule) {
    let findings = rule(&Tree::of_the_repository());
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        told.is_empty(),
        "{} rule(s) of the house are broken:\n{}",
        told.len(),
        told.join("\n")
    );
}

/// Where the rule finds something in a made-up repository, as `file:line`.
fn places(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
    rule(&Tree::of(files))
        .iter()
        .map(|finding| format!("{}:{}", finding.path, finding.line))
        .collect()
}

#[test]
fn the_rules_look_at_the_whole_repository() {
    let tree = Tree::of_the_repository();
    for path in [
        "Cargo.toml",
        "src/lib.rs",
        "providers/port/src/lib.rs",
        "tests/tidy.rs",
        ".ci/run",
        "scripts/test",
    ] {
        assert!(
            tree.find(path).is_some(),
            "{path} was not read, so no rule sees it"
        );
    }
    assert!(
        tree.files
            .iter()
            .all(|file| !file.path.starts_with("target/")),
        "built files are not ours"
    );
}

#[test]
fn dependencies_between_the_layers_run_one_way() {
    assert_holds(layers::layer_findings);
}

#[test]
fn only_the_wiring_and_the_simulator_commands_name_a_provider() {
    assert_holds(layers::provider_name_findings);
}

#[test]
fn nobody_but_the_commands_uses_the_wiring() {
    assert_holds(layers::wiring_findings);
}

#[test]
fn provider_crates_share_the_port_and_the_stage_alone_and_the_port_does_no_input_or_output() {
    assert_holds(layers::provider_crate_findings);
}

#[test]
fn no_file_is_longer_than_400_lines() {
    assert_holds(text::length_findings);
}

#[test]
fn every_module_opens_by_saying_what_lives_in_it() {
    assert_holds(text::opening_findings);
}

#[test]
fn every_module_is_named_after_what_it_does() {
    assert_holds(text::name_findings);
}

#[test]
fn nothing_unfinished_and_no_ignored_test_is_committed() {
    assert_holds(text::unfinished_findings);
}

#[test]
fn no_path_of_somebodys_machine_is_committed() {
    assert_holds(text::machine_path_findings);
}

#[test]
fn the_documents_a_newcomer_looks_for_exist() {
    assert_holds(text::missing_document_findings);
}

#[test]
fn every_migration_exists_for_both_databases() {
    let tree = Tree::of_the_repository();
    assert!(
        tree.under("migrations/postgres/").next().is_some(),
        "there are no migrations to compare"
    );
    assert_holds(text::migration_findings);
}

#[test]
fn every_setting_is_documented() {
    let tree = Tree::of_the_repository();
    assert!(
        !text::setting_variables(&tree).is_empty(),
        "no setting was found under src/, so none was compared"
    );
    assert_holds(text::undocumented_setting_findings);
}

#[test]
fn the_layer_rule_sees_every_way_to_write_a_path() {
    let found = places(
        layers::layer_findings,
        &[
            ("src/payments/a.rs", "//! a\nuse crate::store::Pool;"),
            (
                "src/payments/b.rs",
                "//! b\nuse crate::{\n    clients::Client,\n    http::{self, error},\n};",
            ),
            ("src/payments/c.rs", "//! c\nuse super::super::jobs;"),
            ("src/payments/mod.rs", "//! m\nuse super::cli;"),
            ("src/orders.rs", "//! o\nfn f() -> crate::wiring::All {}"),
            (
                "src/signing/d.rs",
                "//! d\nmod tests {\n    use super::super::super::store::Pool;\n}",
            ),
            (
                "src/clients/e.rs",
                "//! e\n#[derive(diesel::Queryable)]\nstruct E;\nuse ::reqwest::Url;",
            ),
            (
                "src/events/f.rs",
                "//! f\nuse lapin::Channel;\nuse diesel_async::RunQueryDsl;",
            ),
            ("src/store/g.rs", "//! g\nuse actix_web::web;"),
            ("src/http/h.rs", "//! h\nuse diesel::prelude::*;"),
        ],
    );
    let expected = [
        "src/payments/a.rs:2",
        "src/payments/b.rs:4",
        "src/payments/c.rs:2",
        "src/payments/mod.rs:2",
        "src/orders.rs:2",
        "src/signing/d.rs:3",
        "src/clients/e.rs:2",
        "src/clients/e.rs:4",
        "src/events/f.rs:2",
        "src/events/f.rs:3",
        "src/store/g.rs:2",
        "src/http/h.rs:2",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_layer_rule_is_not_misled_by_text_and_by_allowed_paths() {
    let found = places(
        layers::layer_findings,
        &[
            (
                "src/payments/a.rs",
                "//! See crate::store.\n/* crate::http /* x */ crate::cli */ // crate::jobs\nuse super::ports;",
            ),
            (
                "src/payments/b.rs",
                "//! b\nconst A: &str = \"crate::store \\\" diesel::x\"; const B: &str = r#\"crate::http \" x\"#;",
            ),
            (
                "src/payments/c.rs",
                "//! c\nfn f<'a>(x: &'a str) -> char { let store = 'c'; '\\'' }\nmod tests { use super::*; use super::super::ports; }",
            ),
            (
                "src/payments/d.rs",
                "//! d\nfn f(x: X) -> u8 { x.reqwest + crate::clients::http + Kind::lapin }",
            ),
            ("src/events/relay.rs", "//! r\nuse lapin::Channel;"),
            (
                "src/http/e.rs",
                "//! e\nuse crate::{payments, store::Store};\nuse actix_web::web;",
            ),
            (
                "src/store/f.rs",
                "//! f\nuse diesel::prelude::*;\nuse crate::payments::ports;",
            ),
        ],
    );
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_provider_rules_see_a_provider_in_the_wrong_place() {
    let files = [
        ("src/http/a.rs", "//! a\nuse mcpay_vipps::Vipps;"),
        ("src/wiring.rs", "//! w\nuse mcpay_payex::PayEx;"),
        ("src/cli/demo.rs", "//! d\nuse mcpay_nexi::sandbox;"),
        (
            "src/cli/serve.rs",
            "//! s\nuse crate::wiring;\nuse mcpay_nexi::Nexi;",
        ),
        ("src/jobs/b.rs", "//! b\nuse crate::wiring::World;"),
    ];
    assert_eq!(
        places(layers::provider_name_findings, &files),
        ["src/http/a.rs:2", "src/cli/serve.rs:3"]
    );
    assert_eq!(places(layers::wiring_findings, &files), ["src/jobs/b.rs:2"]);
    let crates = [
        ("providers/port/src/a.rs", "//! a\nuse tokio::time;"),
        (
            "providers/port/src/b.rs",
            "//! b\nuse mcpay_sandbox::Stage;",
        ),
        (
            "providers/port/Cargo.toml",
            "[package]\nname = \"mcpay-port\"\n[dependencies]\nreqwest = \"1\"\nurl = \"2\"",
        ),
        (
            "providers/sandbox/src/a.rs",
            "//! a\nuse mcpay_port::Money;\nuse mcpay_vipps::Vipps;\nuse tokio::time;",
        ),
        (
            "providers/vipps/src/a.rs",
            "//! a\nuse mcpay_port::Money;\nuse mcpay_sandbox::Stage;\nuse mcpay_payex::wire;\nuse mcpay::store;\nuse reqwest::Url;",
        ),
        (
            "providers/vipps/Cargo.toml",
            "[dependencies]\nmcpay-port.workspace = true\nmcpay-sandbox.workspace = true\nmcpay-nexi.workspace = true\nmcpay = \"1\"",
        ),
    ];
    let expected = [
        "providers/port/src/a.rs:2",
        "providers/port/src/b.rs:2",
        "providers/port/Cargo.toml:4",
        "providers/sandbox/src/a.rs:2",
        "providers/sandbox/src/a.rs:3",
        "providers/vipps/src/a.rs:4",
        "providers/vipps/src/a.rs:5",
        "providers/vipps/Cargo.toml:4",
        "providers/vipps/Cargo.toml:5",
    ];
    assert_eq!(places(layers::provider_crate_findings, &crates), expected);
}

#[test]
fn the_text_rules_see_what_they_forbid() {
    let long = "x\n".repeat(401);
    assert_eq!(
        places(
            text::length_findings,
            &[("src/a.rs", &long), ("docs/a.md", &long)]
        ),
        ["src/a.rs:401"]
    );
    assert_eq!(
        places(text::length_findings, &[("src/a.rs", &"x\n".repeat(400))]),
        Vec::<String>::new()
    );
    assert_eq!(
        places(
            text::opening_findings,
            &[("src/a.rs", "use x;"), ("src/b.rs", "//! B.")]
        ),
        ["src/a.rs:1"]
    );
    let names = [
        ("src/utils.rs", ""),
        ("web/helpers/a.js", ""),
        ("src/a.rs", "//! a\nmod common { }"),
        ("src/b.rs", "let common = 1;"),
    ];
    assert_eq!(
        places(text::name_findings, &names),
        ["src/utils.rs:1", "web/helpers/a.js:1", "src/a.rs:2"]
    );
    let mark = concat!("//! a\n// FIX", "ME: later\n");
    let unfinished = [
        ("src/a.rs", mark),
        ("src/b.rs", "fn f() {\n    todo!()\n}"),
        ("src/c.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}"),
        ("web/a.test.js", "test.only('x', () => {})"),
        (
            "src/d.rs",
            "// todo! in a comment\nlet a = \"todo!()\"; b.ignore();",
        ),
    ];
    assert_eq!(
        places(text::unfinished_findings, &unfinished),
        ["src/a.rs:2", "src/b.rs:2", "src/c.rs:2", "web/a.test.js:1"]
    );
    let paths = [
        ("a.md", concat!("see /ho", "me/me/x and `/ro", "ot/.cargo`")),
        (
            "b.md",
            concat!("https://example.test/ho", "me/ and target/wo", "rk/x"),
        ),
    ];
    assert_eq!(
        places(text::machine_path_findings, &paths),
        ["a.md:1", "a.md:1"]
    );
}

#[test]
fn the_rules_about_documents_see_what_is_missing() {
    let documents = [
        ("README.md", "Set MCPAY_LOG_FORMAT."),
        ("LICENSE", " "),
        ("CHANGELOG.md", "x"),
    ];
    assert_eq!(
        places(text::missing_document_findings, &documents),
        ["CONTRIBUTING.md:1", "LICENSE:1"]
    );
    let settings = [
        ("README.md", "Set MCPAY_LOG_FORMAT."),
        (
            "src/config.rs",
            "#[arg(long, env = \"MCPAY_LOG_FORMAT\")]\n#[arg(env = \"MCPAY_LOG\")]",
        ),
    ];
    assert_eq!(
        places(text::undocumented_setting_findings, &settings),
        ["src/config.rs:2"]
    );
    let migrations = [
        ("migrations/postgres/1_a/up.sql", ""),
        ("migrations/postgres/2_b/up.sql", ""),
        ("migrations/sqlite/1_a/up.sql", ""),
        ("migrations/sqlite/2_c/up.sql", ""),
    ];
    let expected = [
        "migrations/postgres/2_c/up.sql:1",
        "migrations/sqlite/2_b/up.sql:1",
    ];
    assert_eq!(places(text::migration_findings, &migrations), expected);
}

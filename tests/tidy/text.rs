//! What every file must have, and what none may hold. The forbidden words are put together from halves here, or this
//! file would break its own rules.

use std::collections::BTreeSet;

use super::tokens::tokens;
use super::tree::{Finding, SourceFile, Tree};

const LONGEST_FILE: usize = 400;
/// Pages load the library as one classic script without a build step, so it cannot be split.
const ONE_FILE_BY_CONTRACT: &str = "mediaconnectpay.js";

/// Files that people write by hand and read as code.
fn is_source(file: &SourceFile) -> bool {
    let scripts = file.path.starts_with("scripts/") || file.path.starts_with(".ci/");
    scripts || ["rs", "js", "mjs", "ts", "sql", "sh", "css", "html"].contains(&file.extension())
}

pub fn length_findings(tree: &Tree) -> Vec<Finding> {
    let rule = "a file has at most 400 lines: split it by subject.";
    tree.files
        .iter()
        .filter(|file| is_source(file) && !file.path.ends_with(ONE_FILE_BY_CONTRACT))
        .filter(|file| file.text.lines().count() > LONGEST_FILE)
        .map(|file| file.finding(LONGEST_FILE + 1, rule))
        .collect()
}

pub fn opening_findings(tree: &Tree) -> Vec<Finding> {
    let rule = "a module opens with `//!`: what lives here, what must never, and why.";
    tree.rust_under("")
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| file.finding(1, rule))
        .collect()
}

pub fn name_findings(tree: &Tree) -> Vec<Finding> {
    const EMPTY_NAMES: &[&str] = &[
        "util", "utils", "helper", "helpers", "common", "misc", "shared",
    ];
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_source(file)) {
        for segment in file.segments() {
            if EMPTY_NAMES.contains(&segment) {
                findings.push(file.finding(
                    1,
                    format!("`{segment}` says nothing: name it after what it does."),
                ));
            }
        }
        if file.extension() != "rs" {
            continue;
        }
        for pair in tokens(&file.text).windows(2) {
            if pair[0].text == "mod" && EMPTY_NAMES.contains(&pair[1].text) {
                let rule = format!(
                    "module `{}` says nothing: name it after what it does.",
                    pair[1].text
                );
                findings.push(file.finding(pair[1].line, rule));
            }
        }
    }
    findings
}

pub fn unfinished_findings(tree: &Tree) -> Vec<Finding> {
    const MARKS: &[&str] = &[concat!("FIX", "ME"), concat!("TO", "DO")];
    const LEFT_OUT: &[&str] = &[
        "test.skip(",
        "test.only(",
        "test.todo(",
        "it.skip(",
        "it.only(",
        "describe.skip(",
        "describe.only(",
    ];
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_source(file)) {
        for (number, line) in file.numbered_lines() {
            if line
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| MARKS.contains(&word))
            {
                findings.push(file.finding(
                    number,
                    "finish it, or write an issue; nothing unfinished is committed.",
                ));
            }
            if ["js", "mjs"].contains(&file.extension())
                && LEFT_OUT.iter().any(|call| line.contains(call))
            {
                findings.push(file.finding(
                    number,
                    "every test runs, always: none is skipped and none runs alone.",
                ));
            }
        }
        if file.extension() == "rs" {
            findings.extend(unfinished_rust(file));
        }
    }
    findings
}

fn unfinished_rust(file: &SourceFile) -> Vec<Finding> {
    let tokens = tokens(&file.text);
    let mut findings = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map_or("", |next| next.text);
        match token.text {
            "todo" | "unimplemented" | "dbg" if next == "!" => {
                findings
                    .push(file.finding(token.line, format!("`{}!` is not committed.", token.text)));
            }
            "ignore" if at > 1 && tokens[at - 1].text == "[" && tokens[at - 2].text == "#" => {
                findings
                    .push(file.finding(token.line, "no test is ignored: repair it or delete it."));
            }
            _ => {}
        }
    }
    findings
}

pub fn machine_path_findings(tree: &Tree) -> Vec<Finding> {
    const PLACES: &[&str] = &[
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
    ];
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.numbered_lines() {
            for place in PLACES.iter().filter(|place| names_a_place(line, place)) {
                findings
                    .push(file.finding(number, format!("`{place}…` exists on one machine only.")));
            }
        }
    }
    findings
}

/// A path that begins with the place; in the middle of a URL or of a longer path it means something else.
fn names_a_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`=([<>,:;".contains(c))
    })
}

pub fn missing_document_findings(tree: &Tree) -> Vec<Finding> {
    ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"]
        .into_iter()
        .filter(|path| {
            tree.find(path)
                .is_none_or(|file| file.text.trim().is_empty())
        })
        .map(|path| Finding {
            path: path.to_owned(),
            line: 1,
            rule: "a newcomer looks for this file.".to_owned(),
        })
        .collect()
}

pub fn migration_findings(tree: &Tree) -> Vec<Finding> {
    let of = |folder: &'static str| -> BTreeSet<&str> {
        tree.under(folder)
            .filter_map(|file| file.path.strip_prefix(folder))
            .collect()
    };
    let (postgres, sqlite) = (of("migrations/postgres/"), of("migrations/sqlite/"));
    let lacking = |missing: &str, folder: &str| {
        let rule = "every migration exists for both databases, under the same name.".to_owned();
        Finding {
            path: format!("{folder}{missing}"),
            line: 1,
            rule,
        }
    };
    let for_postgres = sqlite
        .difference(&postgres)
        .map(|name| lacking(name, "migrations/postgres/"));
    let for_sqlite = postgres
        .difference(&sqlite)
        .map(|name| lacking(name, "migrations/sqlite/"));
    for_postgres.chain(for_sqlite).collect()
}

/// The variables that the settings are read from, as clap is told of them: the name after `env =`.
pub fn setting_variables(tree: &Tree) -> Vec<(&SourceFile, usize, &str)> {
    let mut found = Vec::new();
    for file in tree.rust_under("src/config.rs") {
        for (number, line) in file.numbered_lines() {
            for (_, after) in line
                .match_indices("env = \"")
                .map(|(at, start)| (at, &line[at + start.len()..]))
            {
                found.push((file, number, after.split('"').next().unwrap_or_default()));
            }
        }
    }
    found
}

pub fn undocumented_setting_findings(tree: &Tree) -> Vec<Finding> {
    let is_documented = |variable: &str| {
        tree.files
            .iter()
            .filter(|file| file.path == "README.md" || file.path.starts_with("docs/"))
            .any(|file| {
                file.text
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .any(|word| word == variable)
            })
    };
    setting_variables(tree)
        .into_iter()
        .filter(|(_, _, variable)| !is_documented(variable))
        .map(|(file, line, variable)| {
            file.finding(
                line,
                format!("`{variable}` is named neither in README.md nor under docs/."),
            )
        })
        .collect()
}

//! Who may know whom. Dependencies run one way: `http`, `jobs`, `cli` to the domain, the domain to the port, the store
//! and the adapters behind it; the wiring sees all of them, and only the commands see the wiring.

use super::tokens::{modules_used, tokens};
use super::tree::{Finding, SourceFile, Tree};

/// What a layer under `src/` must never name.
struct Layer {
    names: &'static [&'static str],
    modules: &'static [&'static str],
    crates: &'static [&'static str],
    because: &'static str,
}

const LAYERS: &[Layer] = &[
    Layer {
        names: &[
            "payments",
            "access",
            "orders",
            "catalogue",
            "clients",
            "signing",
            "events",
        ],
        modules: &["http", "store", "cli", "jobs", "wiring"],
        crates: &["actix", "tracing_actix_web", "diesel", "lapin", "reqwest"],
        because: "the domain knows neither the web, nor SQL, nor the broker; it asks for them through its ports",
    },
    Layer {
        names: &["payments"],
        modules: &["orders"],
        crates: &[],
        because: "orders know the payments they are paid by, and a payment knows no order",
    },
    Layer {
        names: &[
            "access",
            "catalogue",
            "signing",
            "clients",
            "events",
            "ports",
        ],
        modules: &["payments", "orders"],
        crates: &[],
        because: "payments stand on clients, keys and events, and nothing of these on payments",
    },
    Layer {
        names: &["catalogue", "signing", "ports"],
        modules: &["clients", "events"],
        crates: &[],
        because: "clients have coupons and keys, and these know no client",
    },
    Layer {
        names: &["store"],
        modules: &["http", "jobs", "cli", "wiring"],
        crates: &["actix", "lapin", "reqwest"],
        because: "the store serves the domain and knows nobody who calls",
    },
    Layer {
        names: &["http"],
        modules: &["cli", "wiring"],
        crates: &["diesel", "lapin"],
        because: "the inbound side knows use-cases, and no SQL and no broker",
    },
    Layer {
        names: &["jobs"],
        modules: &["http", "cli", "wiring"],
        crates: &["actix", "diesel"],
        because: "a job calls use-cases at its own pace, and no SQL and no web",
    },
    Layer {
        names: &["config", "telemetry"],
        modules: &["http", "store", "cli", "jobs", "wiring"],
        crates: &["diesel", "lapin", "reqwest"],
        because: "everybody uses it, so it uses nobody",
    },
];

/// The one place in the domain that speaks to the broker.
const RELAY: &str = "src/events/relay";

const PROVIDERS: &[&str] = &["mcpay_payex", "mcpay_vipps", "mcpay_nexi"];

/// The wiring puts the providers together; the two commands start their simulators.
const MAY_NAME_PROVIDERS: &[&str] = &["src/wiring", "src/cli/demo", "src/cli/sandbox"];

const MAY_USE_THE_WIRING: &[&str] = &["src/wiring", "src/cli", "src/main.rs"];

/// True for the crate itself and for its family: `diesel` also stands for `diesel_async`.
fn is_of_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn stands_in(file: &SourceFile, places: &[&str]) -> bool {
    places.iter().any(|place| file.path.starts_with(place))
}

/// The crates out of `families` that a file names. A word after `.` or `::` is a field or a member, not a crate.
fn crates_named<'a>(file: &'a SourceFile, families: &[&str]) -> Vec<(&'a str, usize)> {
    let tokens = tokens(&file.text);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_member = at > 0 && [".", "::"].contains(&tokens[at - 1].text);
        let is_absolute =
            at > 1 && is_member && tokens[at - 1].text == "::" && !is_name(tokens[at - 2].text);
        if (!is_member || is_absolute)
            && families
                .iter()
                .any(|family| is_of_family(token.text, family))
        {
            found.push((token.text, token.line));
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    text == ">" || (text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text != "use")
}

/// Where a file under `src/` stands: its modules from the root of the crate.
fn module_of(file: &SourceFile) -> Vec<&str> {
    let mut segments = file.segments();
    segments.remove(0);
    if segments.last() == Some(&"mod") || segments == ["lib"] || segments == ["main"] {
        segments.pop();
    }
    segments
}

/// Tests beside the code may put together whatever they try.
fn is_test(file: &SourceFile) -> bool {
    let segments = file.segments();
    segments.contains(&"tests") || segments.last().is_some_and(|name| name.ends_with("_tests"))
}

pub fn layer_findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust_under("src/").filter(|file| !is_test(file)) {
        let module = module_of(file);
        let Some(name) = module.first() else { continue };
        for layer in LAYERS.iter().filter(|layer| layer.names.contains(name)) {
            findings.extend(breaches(file, &module, layer));
        }
    }
    findings
}

fn breaches(file: &SourceFile, module: &[&str], layer: &Layer) -> Vec<Finding> {
    let because = layer.because;
    let mut findings = Vec::new();
    for used in modules_used(&tokens(&file.text), module) {
        if layer.modules.contains(&used.module) {
            let rule = format!(
                "`{}` must not use `crate::{}`: {because}.",
                module[0], used.module
            );
            findings.push(file.finding(used.line, rule));
        }
    }
    for (name, line) in crates_named(file, layer.crates) {
        if !(name == "lapin" && stands_in(file, &[RELAY])) {
            let rule = format!("`{}` must not use `{name}`: {because}.", module[0]);
            findings.push(file.finding(line, rule));
        }
    }
    findings
}

pub fn provider_name_findings(tree: &Tree) -> Vec<Finding> {
    let rule =
        "only src/wiring.rs, and the commands that start simulators, may name a provider's crate.";
    tree.rust_under("src/")
        .filter(|file| !stands_in(file, MAY_NAME_PROVIDERS))
        .flat_map(|file| {
            crates_named(file, PROVIDERS)
                .into_iter()
                .map(|(_, line)| file.finding(line, rule))
        })
        .collect()
}

pub fn wiring_findings(tree: &Tree) -> Vec<Finding> {
    let rule = "nobody but the commands uses the wiring: take what you need as an argument.";
    let mut findings = Vec::new();
    for file in tree
        .rust_under("src/")
        .filter(|file| !stands_in(file, MAY_USE_THE_WIRING))
    {
        for used in modules_used(&tokens(&file.text), &module_of(file)) {
            if used.module == "wiring" {
                findings.push(file.finding(used.line, rule));
            }
        }
    }
    findings
}

/// What an adapter may use of this repository: the port, and what the simulators share. These two use nothing of it.
const SHARED_BY_PROVIDERS: &[&str] = &["mcpay_port", "mcpay_sandbox", "mcpay_contract_proof"];

/// The adapters depend on the port and the shared stage alone; the port does no input and no output.
pub fn provider_crate_findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.under("providers/") {
        let own = format!("mcpay_{}", file.segments()[1].replace('-', "_"));
        let named = match file.extension() {
            "rs" => crates_named(
                file,
                &["mcpay", "actix", "reqwest", "tokio", "diesel", "lapin"],
            ),
            "toml" if file.path.ends_with("/Cargo.toml") => dependencies_named(file),
            _ => continue,
        };
        for (name, line) in named {
            let name = name.replace('-', "_");
            if is_of_family(&name, "mcpay") {
                let is_shared = SHARED_BY_PROVIDERS.contains(&name.as_str())
                    && !SHARED_BY_PROVIDERS.contains(&own.as_str());
                if name != own && !is_shared {
                    let rule = format!(
                        "`{own}` must not use `{name}`: a provider uses mcpay-port, mcpay-sandbox and, in tests, mcpay-contract-proof, and these nobody."
                    );
                    findings.push(file.finding(line, rule));
                }
            } else if own == "mcpay_port" {
                findings.push(file.finding(
                    line,
                    format!("the port does no input and no output: no `{name}` here."),
                ));
            } else if ["diesel", "lapin"]
                .iter()
                .any(|family| is_of_family(&name, family))
            {
                findings.push(file.finding(
                    line,
                    format!("a provider keeps nothing and publishes nothing: no `{name}` here."),
                ));
            }
        }
    }
    findings
}

/// What a manifest lists under any kind of dependencies, read by line, because the line is what the finding tells.
fn dependencies_named(file: &SourceFile) -> Vec<(&str, usize)> {
    const FAMILIES: &[&str] = &[
        "mcpay",
        "actix-web",
        "actix-cors",
        "reqwest",
        "tokio",
        "diesel",
        "diesel-async",
        "lapin",
    ];
    let mut found = Vec::new();
    let mut in_dependencies = false;
    for (number, line) in file.numbered_lines() {
        if let Some(section) = line.trim().strip_prefix('[') {
            in_dependencies = section.contains("dependencies");
            continue;
        }
        let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
        if in_dependencies && (FAMILIES.contains(&name) || name.starts_with("mcpay-")) {
            found.push((name, number));
        }
    }
    found
}

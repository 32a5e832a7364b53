//! One OpenAPI file and the calls in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::path::find_template;
use crate::schema;

/// The environment variable that names the folder with the providers' official files.
const OFFICIAL: &str = "OFFICIAL_SPECS";

/// An OpenAPI 3.0 document.
#[derive(Clone, Debug)]
pub struct Specification {
    document: Value,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct Unusable {
    path: PathBuf,
    reason: String,
}

/// Why a body does not fit. Made for a test's failure message.
#[derive(Debug, thiserror::Error)]
#[error("{method} {path} {what}: {}", .reasons.join("; "))]
pub struct Mismatch {
    method: String,
    path: String,
    what: String,
    reasons: Vec<String>,
}

/// The provider's official file at `relative` (`vipps/specs/epayment.v1.yml`), or nothing when
/// the environment variable `OFFICIAL_SPECS` names no folder.
///
/// # Errors
/// When it names one and the file is not there, or cannot be read: a proof must not be skipped by
/// mistake.
pub fn official(relative: &str) -> Result<Option<Specification>, Unusable> {
    env::var_os(OFFICIAL)
        .map(|folder| Specification::read(&Path::new(&folder).join(relative)))
        .transpose()
}

impl Specification {
    pub fn new(document: Value) -> Self {
        Self { document }
    }

    /// Reads a file: JSON when its name says so, else YAML.
    ///
    /// # Errors
    /// When it is missing, not readable, or not OpenAPI 3.
    pub fn read(path: &Path) -> Result<Self, Unusable> {
        let unusable = |reason: String| Unusable {
            path: path.to_owned(),
            reason,
        };
        let text = fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let document: Value = if path.extension().is_some_and(|it| it == "json") {
            serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?
        } else {
            serde_saphyr::from_str(&text).map_err(|error| unusable(error.to_string()))?
        };
        let version = document
            .get("openapi")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !version.starts_with("3.") {
            return Err(unusable("it is not an OpenAPI 3 document".to_owned()));
        }
        Ok(Self { document })
    }

    /// Lays `patch` over the document by the rules of RFC 7396 (JSON Merge Patch): for what a
    /// newer source knows and the file does not yet. Say in a comment which source that is.
    #[must_use]
    pub fn overlaid(mut self, patch: &Value) -> Self {
        merge(&mut self.document, patch);
        self
    }

    /// Whether a call may send `body`. `path` is the called path with or without the server's own
    /// prefix and query, or the file's template.
    ///
    /// # Errors
    /// The reasons, when the body does not fit or the file does not know the call.
    pub fn check_request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), Mismatch> {
        self.request_reasons(method, path, body)
            .map_err(|reasons| mismatch(method, path, "request".to_owned(), reasons))
    }

    /// Whether a call may be answered with `status` and `body`.
    ///
    /// # Errors
    /// The reasons, when the body does not fit or the file does not know the call or the status.
    pub fn check_answer(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: Option<&Value>,
    ) -> Result<(), Mismatch> {
        self.answer_reasons(method, path, status, body)
            .map_err(|reasons| mismatch(method, path, format!("answer {status}"), reasons))
    }

    fn request_reasons(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), Vec<String>> {
        let operation = self.operation(method, path)?;
        match (
            operation.get("requestBody").map(|it| self.resolved(it)),
            body,
        ) {
            (None, Some(_)) => Err(vec!["the call takes no body".to_owned()]),
            (Some(described), None) if described.get("required") == Some(&Value::Bool(true)) => {
                Err(vec!["the call needs a body".to_owned()])
            }
            (_, None) => Ok(()),
            (Some(described), Some(body)) => self.check_content(described, body),
        }
    }

    fn answer_reasons(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: Option<&Value>,
    ) -> Result<(), Vec<String>> {
        let operation = self.operation(method, path)?;
        let class = format!("{}XX", status / 100);
        let answers = operation.get("responses").and_then(Value::as_object);
        let described = [status.to_string(), class, "default".to_owned()]
            .iter()
            .find_map(|key| answers?.get(key))
            .map(|answer| self.resolved(answer))
            .ok_or_else(|| vec!["the call has no such status".to_owned()])?;
        match (json_content(described), body) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(vec!["the answer has no body".to_owned()]),
            (Some(_), None) => Err(vec!["the answer needs a body".to_owned()]),
            (Some(_), Some(body)) => self.check_content(described, body),
        }
    }

    fn check_content(&self, described: &Value, body: &Value) -> Result<(), Vec<String>> {
        let Some(found) = json_content(described).and_then(|content| content.get("schema")) else {
            return Err(vec!["the file describes no JSON body".to_owned()]);
        };
        self.reasons_against(found, body)
    }

    /// Why `value` does not fit `described`, a schema of this file.
    pub(crate) fn reasons_against(
        &self,
        described: &Value,
        value: &Value,
    ) -> Result<(), Vec<String>> {
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema::closed(&self.document, described))
            .map_err(|error| vec![format!("the schema cannot be used: {error}")])?;
        let reasons: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("at \"{}\": {error}", error.instance_path()))
            .collect();
        if reasons.is_empty() {
            Ok(())
        } else {
            Err(reasons)
        }
    }

    /// The parameters of a call, those of its path included.
    pub(crate) fn parameters(&self, method: &str, path: &str) -> Result<Vec<&Value>, Vec<String>> {
        let own = self.operation(method, path)?.get("parameters");
        let shared = self.find_path(path).and_then(|item| item.get("parameters"));
        let listed = [own, shared].into_iter().flatten();
        let listed = listed.filter_map(Value::as_array).flatten();
        Ok(listed.map(|parameter| self.resolved(parameter)).collect())
    }

    fn operation(&self, method: &str, path: &str) -> Result<&Map<String, Value>, Vec<String>> {
        self.find_path(path)
            .and_then(|item| item.get(method.to_lowercase()))
            .and_then(Value::as_object)
            .ok_or_else(|| vec!["the file does not know the call".to_owned()])
    }

    fn find_path(&self, path: &str) -> Option<&Value> {
        let paths = self.document.get("paths")?.as_object()?;
        let template = find_template(paths.keys(), path)
            .or_else(|| find_template(paths.keys(), self.without_server_prefix(path)?))?;
        paths.get(template)
    }

    /// `/webhooks/v1/x` is `/v1/x` in a file whose server is `https://api.example/webhooks`.
    fn without_server_prefix<'a>(&self, path: &'a str) -> Option<&'a str> {
        let servers = self.document.get("servers")?.as_array()?.iter();
        servers
            .filter_map(|server| server.get("url")?.as_str())
            .filter_map(|url| url.split_once("://")?.1.split_once('/'))
            .find_map(|(_, prefix)| {
                path.strip_prefix('/')?
                    .strip_prefix(prefix.trim_end_matches('/'))
            })
            .filter(|rest| rest.starts_with('/'))
    }

    /// Request and response objects may stand elsewhere in the file.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let target = value.get("$ref").and_then(Value::as_str);
        target
            .and_then(|target| self.document.pointer(target.strip_prefix('#')?))
            .unwrap_or(value)
    }
}

pub(crate) fn mismatch(method: &str, path: &str, what: String, reasons: Vec<String>) -> Mismatch {
    Mismatch {
        method: method.to_owned(),
        path: path.to_owned(),
        what,
        reasons,
    }
}

/// Plain JSON before its relatives (`application/problem+json`); files disagree about which they
/// name, and about parameters after it.
fn json_content(described: &Value) -> Option<&Value> {
    let content = described.get("content")?.as_object()?;
    let plain = content
        .iter()
        .find(|(kind, _)| kind.starts_with("application/json"));
    plain
        .or_else(|| content.iter().find(|(kind, _)| kind.contains("json")))
        .map(|(_, it)| it)
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(fields) = target.as_object_mut() else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), value);
        }
    }
}

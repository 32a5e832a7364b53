//! The headers that a call has to send, as its file describes them among its parameters.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::specification::{Mismatch, Specification, mismatch};

impl Specification {
    /// Whether a call may be sent with `headers`, whose names are in lower case. A header that the file
    /// does not name is fine: every HTTP client sends some of its own.
    ///
    /// # Errors
    /// The reasons, when a required header is missing, one does not fit, or the file does not know
    /// the call.
    pub fn check_headers(
        &self,
        method: &str,
        path: &str,
        headers: &BTreeMap<String, String>,
    ) -> Result<(), Mismatch> {
        self.header_reasons(method, path, headers)
            .map_err(|reasons| mismatch(method, path, "headers".to_owned(), reasons))
    }

    fn header_reasons(
        &self,
        method: &str,
        path: &str,
        headers: &BTreeMap<String, String>,
    ) -> Result<(), Vec<String>> {
        let parameters = self.parameters(method, path)?;
        let described = parameters
            .into_iter()
            .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("header"));
        let reasons: Vec<String> = described
            .flat_map(|parameter| self.reasons_of(parameter, headers))
            .collect();
        if reasons.is_empty() {
            Ok(())
        } else {
            Err(reasons)
        }
    }

    fn reasons_of(&self, parameter: &Value, headers: &BTreeMap<String, String>) -> Vec<String> {
        let name = parameter
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase();
        let is_required = parameter.get("required") == Some(&Value::Bool(true));
        let schema = parameter.get("schema").unwrap_or(&Value::Bool(true));
        match headers.get(&name) {
            None if is_required => vec![format!("the header {name} is missing")],
            None => Vec::new(),
            Some(sent) => match self.reasons_against(schema, &Value::from(sent.as_str())) {
                Ok(()) => Vec::new(),
                // What was sent stays unsaid: it may be a key.
                Err(reasons) => vec![format!(
                    "the header {name} does not fit, for {} reasons",
                    reasons.len()
                )],
            },
        }
    }
}

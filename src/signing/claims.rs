//! The claims of a verified token, each as the JSON text it was written in, so that a decimal
//! never passes through a float.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::InvalidSign;

/// Documented payloads are flat; this leaves room for what a client adds for itself.
const MAX_DEPTH: usize = 32;

/// Claims by name. `Debug` shows names only: a value may be a phone number.
#[derive(Clone)]
pub struct Claims {
    values: BTreeMap<String, Box<RawValue>>,
    repeated: Vec<String>,
}

impl Claims {
    /// Reads a payload.
    ///
    /// # Errors
    /// `NotAToken` when it is not a JSON object, or nests deeper than 32 levels.
    pub(crate) fn read(payload: &[u8]) -> Result<Self, InvalidSign> {
        if nests_too_deep(payload) {
            return Err(InvalidSign::NotAToken);
        }
        serde_json::from_slice(payload).map_err(|_| InvalidSign::NotAToken)
    }

    /// The JSON text of a claim; `None` when it is absent or `null`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_with_null(name).filter(|text| *text != "null")
    }

    /// The JSON text of a claim, `null` included.
    pub(super) fn get_with_null(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.get())
    }

    /// Names that stand in the payload more than once. Two parties that read such a payload may
    /// see two different amounts, so `payments::terms` refuses it.
    pub fn repeated(&self) -> &[String] {
        &self.repeated
    }

    /// Compares the token's clientCode with the request's. A token without one passes here and is
    /// reported as a missing field by `payments::terms::read_terms`.
    ///
    /// # Errors
    /// [`InvalidSign::OtherClient`].
    pub fn check_client_code(&self, outer: &str) -> Result<(), InvalidSign> {
        let inner = self
            .get("clientCode")
            .and_then(|text| serde_json::from_str::<String>(text).ok());
        match inner {
            Some(inner) if inner != outer => Err(InvalidSign::OtherClient),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClaimsVisitor)
    }
}

struct ClaimsVisitor;

impl<'de> Visitor<'de> for ClaimsVisitor {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut claims = Claims {
            values: BTreeMap::new(),
            repeated: Vec::new(),
        };
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if claims.values.insert(name.clone(), value).is_some()
                && !claims.repeated.contains(&name)
            {
                claims.repeated.push(name);
            }
        }
        Ok(claims)
    }
}

/// Counts brackets outside strings. A cheap bound before anything recursive could see the text.
fn nests_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

//! Reads the digest of Nexi's current file: the calls and fields of that file, condensed by hand
//! into a notation of one line per field. Here that notation becomes OpenAPI again.
//!
//! `!` after a name means required; `Order` is another entry, `[OrderItem] >=1` a list of them;
//! `int`, `bool`, `double` and `date-time` are types, anything else is a text with its limits.

use serde_json::{Map, Value, json};

/// Where the digest's entries stand in the document that is made of it.
pub const PREFIX: &str = "Current.";

/// The digest as an OpenAPI document of its own.
pub fn document(digest: &Value) -> Value {
    json!({
        "openapi": "3.0.4",
        "paths": paths(digest),
        "components": { "schemas": schemas(digest) },
    })
}

/// Its calls, with the statuses and bodies they may be answered.
pub fn paths(digest: &Value) -> Map<String, Value> {
    let mut paths = Map::new();
    for call in digest["operations"].as_array().unwrap() {
        let mut operation = json!({ "responses": answers(digest, call) });
        if let Some(body) = call["body"].as_str() {
            let schema = json!({ "$ref": reference(body) });
            operation["requestBody"] =
                json!({ "content": { "application/json": { "schema": schema } } });
        }
        let path = paths
            .entry(call["p"].as_str().unwrap())
            .or_insert(json!({}));
        path[call["m"].as_str().unwrap().to_lowercase()] = operation;
    }
    paths
}

fn answers(digest: &Value, call: &Value) -> Value {
    let content = |entry: Option<&str>| match entry {
        None => json!({ "description": "" }),
        Some(entry) => {
            let schema = json!({ "$ref": reference(entry) });
            json!({ "content": { "application/json": { "schema": schema } } })
        }
    };
    let fine = call["ok"].as_object().into_iter().flatten();
    let fine = fine.map(|(status, entry)| (status.clone(), content(entry.as_str())));
    let refused = call["err"].as_array().into_iter().flatten();
    let refused = refused.map(|status| {
        let body = error_body(digest, call["p"].as_str().unwrap(), &status.to_string());
        (status.to_string(), content(body))
    });
    fine.chain(refused).collect::<Map<String, Value>>().into()
}

/// Only a charge of a payment says more than 402.
fn error_body<'a>(digest: &'a Value, path: &str, status: &str) -> Option<&'a str> {
    let bodies = &digest["errorBodies"];
    if status == "402" && path.starts_with("/v1/payments/") {
        return bodies["402 on /v1/payments/{id}/charges"].as_str();
    }
    bodies[status].as_str()
}

/// Its entries.
pub fn schemas(digest: &Value) -> Map<String, Value> {
    let all = digest["schemas"].as_object().unwrap();
    let entries = all.iter().filter(|(_, fields)| fields.is_object());
    entries
        .map(|(name, fields)| {
            let mut properties = Map::new();
            let mut required = Vec::new();
            for (field, meaning) in fields.as_object().unwrap() {
                let plain = field.trim_end_matches('!');
                if plain != field {
                    required.push(json!(plain));
                }
                properties.insert(
                    plain.to_owned(),
                    field_schema(all, meaning.as_str().unwrap()),
                );
            }
            let schema =
                json!({ "type": "object", "properties": properties, "required": required });
            (format!("{PREFIX}{name}"), schema)
        })
        .collect()
}

fn reference(name: &str) -> String {
    format!("#/components/schemas/{PREFIX}{name}")
}

fn field_schema(all: &Map<String, Value>, meaning: &str) -> Value {
    if all.contains_key(meaning) {
        return json!({ "$ref": reference(meaning) });
    }
    if let Some((entry, rest)) = meaning
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        let items = if all.contains_key(entry) {
            json!({ "$ref": reference(entry) })
        } else {
            json!({})
        };
        let mut list = json!({ "type": "array", "items": items });
        limit(&mut list, "minItems", number_after(rest, ">="));
        limit(&mut list, "maxItems", number_after(rest, "<="));
        return list;
    }
    let first = meaning.split([' ', ',', '=', '?']).next().unwrap();
    match first {
        _ if meaning.starts_with('{') => json!({ "type": "object" }),
        "array" => json!({ "type": "array" }),
        "int" => integer(meaning),
        "double" => json!({ "type": "number", "minimum": 0 }),
        "bool" => json!({ "type": "boolean" }),
        "date-time" => json!({ "type": "string", "format": "date-time" }),
        "ISO" | "alpha-3" => json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
        _ if meaning.contains('|') => {
            let words = meaning.split(['|', ',']).map(str::trim);
            let words: Vec<&str> = words.map(|word| word.split(' ').next().unwrap()).collect();
            json!({ "type": "string", "enum": words })
        }
        _ => text(meaning),
    }
}

fn integer(meaning: &str) -> Value {
    if meaning.contains("0..99999") {
        return json!({ "type": "integer", "minimum": 0, "maximum": 99_999 });
    }
    json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX })
}

fn text(meaning: &str) -> Value {
    let refused = [
        ("BAD6", r#"^[^<>'"&\\]*$"#),
        ("BAD3", r"^[^<>\\]*$"),
        ("BADURL", r"^[^<>\\“”‘’]*$"),
        ("alphanumeric", "^[A-Za-z0-9]*$"),
    ];
    let mut text = json!({ "type": "string" });
    if let Some((_, pattern)) = refused.iter().find(|(name, _)| meaning.contains(name)) {
        text["pattern"] = json!(pattern);
    }
    limit(&mut text, "maxLength", number_after(meaning, "<="));
    if let Some((least, most)) = meaning.split_once("..") {
        limit(&mut text, "minLength", least.parse().ok());
        limit(&mut text, "maxLength", number_after(most, ""));
    }
    text
}

fn limit(schema: &mut Value, name: &str, value: Option<u64>) {
    if let Some(value) = value {
        schema[name] = json!(value);
    }
}

fn number_after(text: &str, sign: &str) -> Option<u64> {
    let rest = text.split_once(sign)?.1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

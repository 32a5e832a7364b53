//! Turns a schema of an OpenAPI 3.0 file into JSON Schema 2020-12, with everything it refers to.
//!
//! OpenAPI 3.0 speaks a dialect: `nullable` instead of a null type, boolean exclusive limits, and
//! nothing beside a `$ref` counts (but for `nullable`, which files use there and plainly mean). The
//! result is closed: a property that no part of the schema names is refused, since a provider that
//! refuses unknown fields would refuse it too, and since a misspelt field would otherwise pass for
//! a missing optional one. `unevaluatedProperties` does that also across `allOf`, where
//! `additionalProperties` could not.

use serde_json::{Map, Value, json};

/// A schema is closed where it describes a whole value, and open where it is one of several that
/// describe the same value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Whole,
    Part,
}

/// `schema`, which stands in `document`, as a schema of its own.
pub(crate) fn closed(document: &Value, schema: &Value) -> Value {
    let mut translation = Translation {
        document,
        definitions: Map::new(),
    };
    let root = translation.schema(schema, Place::Whole);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [root],
        "$defs": translation.definitions,
    })
}

struct Translation<'a> {
    document: &'a Value,
    definitions: Map<String, Value>,
}

impl Translation<'_> {
    fn schema(&mut self, schema: &Value, place: Place) -> Value {
        let Some(fields) = schema.as_object() else {
            return schema.clone();
        };
        let translated = match fields.get("$ref").and_then(Value::as_str) {
            Some(target) => self.reference(target, place),
            None => self.described(fields, place),
        };
        if fields.get("nullable") == Some(&json!(true)) {
            return json!({"anyOf": [{"type": "null"}, translated]});
        }
        translated
    }

    fn described(&mut self, fields: &Map<String, Value>, place: Place) -> Value {
        let mut out = Map::new();
        for (keyword, value) in fields {
            if let Some(value) = self.keyword(keyword, value) {
                out.insert(keyword.clone(), value);
            }
        }
        exclusive_limits(&mut out);
        let names_fields = ["properties", "allOf", "oneOf", "anyOf"];
        if place == Place::Whole && names_fields.iter().any(|key| out.contains_key(*key)) {
            out.entry("unevaluatedProperties").or_insert(json!(false));
        }
        Value::Object(out)
    }

    /// Keywords that are no assertion are left out, examples above all: some files hold examples
    /// that look like schemas.
    fn keyword(&mut self, keyword: &str, value: &Value) -> Option<Value> {
        match keyword {
            "properties" => {
                let properties = value.as_object()?.iter();
                let translated =
                    properties.map(|(name, each)| (name.clone(), self.schema(each, Place::Whole)));
                Some(Value::Object(translated.collect()))
            }
            "items" | "additionalProperties" => Some(self.schema(value, Place::Whole)),
            "not" => Some(self.schema(value, Place::Part)),
            "allOf" | "oneOf" | "anyOf" => {
                let parts = value.as_array()?.iter();
                Some(parts.map(|part| self.schema(part, Place::Part)).collect())
            }
            "type" | "format" | "enum" | "pattern" | "required" | "multipleOf" | "minimum"
            | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "minLength" | "maxLength"
            | "minItems" | "maxItems" | "uniqueItems" | "minProperties" | "maxProperties" => {
                Some(value.clone())
            }
            _ => None,
        }
    }

    /// A definition of its own, so that a schema may refer to itself. What stands in another file
    /// matches nothing: a body that uses it cannot be proved right.
    fn reference(&mut self, target: &str, place: Place) -> Value {
        let Some(found) = target
            .strip_prefix('#')
            .and_then(|at| self.document.pointer(at))
        else {
            return json!(false);
        };
        let prefix = if place == Place::Whole {
            "whole"
        } else {
            "part"
        };
        let name = format!("{prefix}.{}", target.replace(['#', '/', '~', '%'], "."));
        if !self.definitions.contains_key(&name) {
            self.definitions.insert(name.clone(), json!(true));
            let definition = self.schema(found, place);
            self.definitions.insert(name.clone(), definition);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }
}

/// OpenAPI 3.0 says `minimum: 0, exclusiveMinimum: true` where JSON Schema says
/// `exclusiveMinimum: 0`.
fn exclusive_limits(schema: &mut Map<String, Value>) {
    for (exclusive, limit) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        match schema.get(exclusive).and_then(Value::as_bool) {
            Some(true) => {
                schema.remove(exclusive);
                if let Some(value) = schema.remove(limit) {
                    schema.insert(exclusive.to_owned(), value);
                }
            }
            Some(false) => {
                schema.remove(exclusive);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(schema: &Value, body: &Value) -> bool {
        let document = json!({"components": {"schemas": {
            "Named": {"type": "object", "properties": {"name": {"type": "string"}}},
            "Tree": {"type": "object", "properties": {
                "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            }},
        }}});
        jsonschema::validator_for(&closed(&document, schema))
            .unwrap()
            .is_valid(body)
    }

    #[test]
    fn a_field_the_schema_does_not_name_is_refused_at_every_depth() {
        let schema = json!({"type": "object", "properties": {
            "inner": {"type": "object", "properties": {"a": {"type": "integer"}}},
        }});
        assert!(fits(&schema, &json!({"inner": {"a": 1}})));
        assert!(!fits(&schema, &json!({"inner": {"a": 1, "b": 2}})));
        assert!(!fits(&schema, &json!({"outer": {}})));
    }

    #[test]
    fn the_parts_of_an_all_of_may_each_name_some_of_the_fields() {
        let schema = json!({"allOf": [
            {"$ref": "#/components/schemas/Named"},
            {"type": "object", "properties": {"age": {"type": "integer"}}},
        ]});
        assert!(fits(&schema, &json!({"name": "x", "age": 3})));
        assert!(!fits(&schema, &json!({"name": "x", "agee": 3})));
    }

    #[test]
    fn null_is_allowed_where_the_schema_says_nullable() {
        let nullable = json!({"type": "string", "enum": ["A"], "nullable": true});
        assert!(fits(&nullable, &json!(null)));
        assert!(fits(&nullable, &json!("A")));
        assert!(!fits(&nullable, &json!("B")));
        assert!(!fits(&json!({"type": "string"}), &json!(null)));
        let reference = json!({ "$ref": "#/components/schemas/Named", "nullable": true });
        assert!(fits(&reference, &json!(null)));
        assert!(!fits(&reference, &json!({ "nme": "x" })));
    }

    #[test]
    fn exclusive_limits_are_kept() {
        let above = json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true});
        assert!(fits(&above, &json!(1)));
        assert!(!fits(&above, &json!(0)));
        let from = json!({"type": "integer", "minimum": 0, "exclusiveMinimum": false});
        assert!(fits(&from, &json!(0)));
    }

    #[test]
    fn a_schema_may_refer_to_itself() {
        let tree = json!({"$ref": "#/components/schemas/Tree"});
        assert!(fits(&tree, &json!({"children": [{"children": []}]})));
        assert!(!fits(&tree, &json!({"children": [{"leaves": []}]})));
    }

    #[test]
    fn what_stands_in_another_file_cannot_be_proved() {
        let schema = json!({"type": "object", "properties": {
            "receipt": {"$ref": "https://example.com/other.yaml#/components/schemas/Receipt"},
        }});
        assert!(fits(&schema, &json!({})));
        assert!(!fits(&schema, &json!({"receipt": {}})));
    }
}

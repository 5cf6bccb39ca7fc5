//! JSON Schema of whole documents.

use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::class::Class;
use crate::document_format::VERSION;
use crate::instance::{Known, Source};

/// JSON Schema of whole documents of one class.
pub fn schema(class: &Class) -> Value {
    let mut definitions = serde_json::Map::new();
    let source = part::<Source>(&mut definitions);
    let known = part::<Known>(&mut definitions);
    let data = hoist(class.data_schema(), &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Fathom instance: {}", class.kind),
        "description": class.summary,
        "type": "object",
        "required": ["fathom", "problem", "data"],
        "additionalProperties": false,
        "properties": {
            "fathom": { "const": VERSION, "description": "Version of the document format." },
            "problem": { "const": class.kind, "description": "The problem class." },
            "name": { "type": ["string", "null"], "description": "Short name; the file's name where it is missing." },
            "source": { "anyOf": [source, { "type": "null" }] },
            "known": { "anyOf": [known, { "type": "null" }] },
            "data": data,
        },
        "$defs": definitions,
    })
}

fn part<T: JsonSchema>(definitions: &mut serde_json::Map<String, Value>) -> Value {
    hoist(schemars::schema_for!(T).to_value(), definitions)
}

/// Moves a schema's own definitions to the document's.
fn hoist(mut schema: Value, definitions: &mut serde_json::Map<String, Value>) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        if let Some(Value::Object(own)) = object.remove("$defs") {
            definitions.extend(own);
        }
    }
    schema
}

//! What a document says, as records and events.

use node_replication::document::{Document, Value};
use schema_documents::{Contents, Scalar, kinds};
use schema_wire::DocumentId;

/// Reads what a document says.
#[must_use]
pub fn contents(id: &DocumentId, document: &Document) -> Contents {
    let values: Vec<(&str, Vec<Scalar>)> = document
        .keys_from("")
        .map(|key| (key, document.values(key).map(scalar).collect()))
        .collect();
    let values = values.iter().map(|(key, values)| (*key, values.as_slice()));
    Contents::read(kinds::ALL, id, values)
}

/// A value as records know it.
#[must_use]
pub fn scalar(value: &Value) -> Scalar {
    match value {
        Value::Null => Scalar::Null,
        Value::Boolean(flag) => Scalar::Flag(*flag),
        Value::Integer(number) => Scalar::Integer(*number),
        Value::Text(text) => Scalar::Text(text.to_string()),
        Value::Bytes(bytes) => Scalar::Bytes(bytes.to_vec()),
    }
}

/// A value as a document has it.
#[must_use]
pub fn value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Flag(flag) => Value::Boolean(*flag),
        Scalar::Integer(number) => Value::Integer(*number),
        Scalar::Text(text) => Value::Text(text.as_str().into()),
        Scalar::Bytes(bytes) => Value::Bytes(bytes.as_slice().into()),
    }
}

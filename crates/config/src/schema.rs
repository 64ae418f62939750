//! The JSON Schema of lamex.yaml, for editors.

use schemars::generate::SchemaSettings;

use super::file::LamexYaml;

/// The schema, in draft 7, which editors understand best. It describes the shape of the file; what needs
/// more than one key to judge (names given twice, merged environments) only [`super::load`] sees.
#[must_use]
pub fn schema() -> serde_json::Value {
    let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<LamexYaml>();
    let mut schema = schema.to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), "lamex.yaml".into());
    }
    schema
}

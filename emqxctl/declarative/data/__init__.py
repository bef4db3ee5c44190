"""Generated data: the fields of bodies by EMQX version (fields.json), the JSON Schema of files (schema.json)."""

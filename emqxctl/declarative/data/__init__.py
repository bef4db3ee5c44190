"""Generated data: fields.json, fields of bodies by EMQX version; schema.json, the JSON Schema of files."""

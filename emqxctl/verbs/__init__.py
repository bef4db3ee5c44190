"""Stock verbs made from a Resource, one module per verb."""

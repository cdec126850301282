"""Tools around rules: their own tests, recording one, the JSON schema, the generated pages of docs."""

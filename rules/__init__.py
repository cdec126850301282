"""Rules in YAML: pure. Files in, a decision with its trace out; no network, no database, no clock."""

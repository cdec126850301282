"""Engine, schema, column types, migrations' runner and the clock that leases are measured by."""

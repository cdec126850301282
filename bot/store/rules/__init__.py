"""Tables about rules: sets, versions, per-ticket states, firings and stops."""

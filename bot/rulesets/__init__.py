"""Which rules count now: the active rule set, its versions, the file watcher, the circuit breaker."""

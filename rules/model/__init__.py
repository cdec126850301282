"""Input and output of a decision: facts, decision, effects, the read-only view, canonical JSON."""

"""What every process needs of its own machine: clock, ids, background threads, death of a parent, failpoints for tests."""

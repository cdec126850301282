"""What rules decide on: the facts of one ticket, gathered before a decision (changes, history counts, directory, signals)."""

"""How a draft sounds, whoever wrote it: its greeting, its capitals, and no politeness by reflex."""

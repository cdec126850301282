"""What is legal and still wrong: contradictions, loops, catch-all conditions; which counts a rule set needs."""

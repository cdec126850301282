"""Values that conditions compare: text, durations, working hours, many patterns at once, the issue taxonomy."""

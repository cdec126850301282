"""Values that conditions compare: text, durations, working hours, many patterns at once, issues: shipped and a team's own."""

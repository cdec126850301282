"""From files to a checked, compiled rule set."""

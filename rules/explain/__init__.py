"""Why a rule did not match, and the smallest change that would turn it."""

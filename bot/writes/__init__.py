"""From a decision to the helpdesk: the plan (fewest writes), the note and its marker, the request ledger."""

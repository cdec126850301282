"""One module a signal, each with `detect(ticket, text) -> Signal`."""

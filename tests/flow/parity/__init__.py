"""The parity corpus: stories that three helpdesks tell and Deskhand decides alike. `python -m tests.flow.parity` shows it."""

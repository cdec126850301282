"""The parity corpus: stories that three helpdesks tell and Deskhand decides alike. `python -m tests.parity` shows it."""

"""A language model's opinion of a customer's message: asked, kept to closed lists and to the customer's own words, and added to
what the detectors found. It decides nothing; what may rest on it says rules/lint/opinions.py."""

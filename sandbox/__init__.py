"""Stand-in helpdesks on loopback, with the vendors' wire format: Zendesk, Intercom, Freshdesk, and a model endpoint.

They share the core (desk.py, effects.py, faults.py, deliver.py) and nothing with Deskhand itself: a stand-in that used
Deskhand's own reading of a vendor would prove nothing.
"""

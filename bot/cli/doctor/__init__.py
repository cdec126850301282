"""`deskhand doctor`: is everything that a running Deskhand needs in place?"""

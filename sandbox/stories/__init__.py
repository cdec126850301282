"""Stories: what happens to one ticket, told once in unified words and played on every stand-in helpdesk.

Each YAML file here is a story: steps (who does what, when) and what should stand in the ticket at the end. story.py reads
them, player.py plays them, expect.py compares, remote.py drives a stand-in in another process.
"""

"""How fast Deskhand is, as ratios: each goal is measured beside a baseline in the same minute (docs/bench.md).

`python -m bench` measures all goals; a module per topic holds them (`GOALS`), `bench/goals.py` lists the topics.
"""

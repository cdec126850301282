"""Deciding: rules, their prefilter, how wishes combine, the decision."""

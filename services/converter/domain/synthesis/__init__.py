"""Synthesis by example: a language of small operators, each with its meaning, its inverse, its SQL and its words."""

"""Conditions, programs by cases, dictionaries."""

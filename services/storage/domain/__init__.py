"""The rules of keys, records, indexes, files and sources: pure code."""

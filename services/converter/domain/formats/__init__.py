"""How the world writes numbers and dates: reading and writing them in Python and in DuckDB with equal meaning."""

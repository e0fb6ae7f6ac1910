"""Where programs run: a fork server that has imported DuckDB, and one single-use child process per run.

``runner`` is the parent's side, ``server`` forks and kills, ``child`` runs one program, ``statements`` writes the SQL
around it. A child shares nothing with the parent but a private directory and one socket.
"""

"""Column operators, one family a file: meaning (``run``), DuckDB form (``sql``), words, and inverse (``witness``).

To add an operator: write a file with its node and a ``witness(task, sources)`` that yields nodes with their values on
the example's rows, then list the witness in `registry.py`. Search, ranking, compilation and the report need no change.
"""

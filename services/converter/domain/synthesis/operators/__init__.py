"""Column operators, one family a file: meaning (``run``), DuckDB form (``sql``), words, and inverse (``witness``).

To add an operator: write a file with its node, a ``law()`` that gives examples on which ``run`` equals ``sql``, and a
``witness(task, sources)`` that yields nodes with their values on the example's rows, decorated by what it `proposes`.
They are found by walking the package (`catalogue.py`): search, ranking, compilation and the report need no change.
"""

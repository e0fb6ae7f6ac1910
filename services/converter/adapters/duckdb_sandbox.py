"""DuckDB as `ports.ProgramRunner`: programs run in single-use child processes with the kernel's limits on them."""

from services.converter.adapters.sandbox.runner import DuckDBSandbox, Run, Spool, write_table

__all__ = ["DuckDBSandbox", "Run", "Spool", "write_table"]

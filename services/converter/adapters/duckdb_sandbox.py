"""DuckDB as `ports.ProgramSandbox`: programs run in single-use child processes with the kernel's limits on them."""

from services.converter.adapters.sandbox.runner import DuckDBSandbox, write_table

__all__ = ["DuckDBSandbox", "write_table"]

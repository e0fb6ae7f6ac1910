"""The subcommands of `wealth`, one module each with ``run(arguments) -> int``."""

"""All roles replaced at once, under load, behind addresses that change: `make rolling-test`."""

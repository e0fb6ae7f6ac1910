"""The suite on a real cluster, disturbed under load: `make cluster-test`."""

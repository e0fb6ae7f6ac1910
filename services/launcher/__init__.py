"""Runs the whole suite on one machine: NATS and S3 from their wheels, then the services as processes."""

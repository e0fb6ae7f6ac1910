"""A campaign of faults that nobody wrote: the whole suite under load, a random fault every three seconds, and a checker
that reads S3 and NATS by itself. ``make chaos-campaign MINUTES=30 SEED=1 JOBS=1000``."""

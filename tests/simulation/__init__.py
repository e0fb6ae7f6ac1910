"""The job protocol under schedules nobody wrote: the services' own code on a simulated clock, bucket and broker."""

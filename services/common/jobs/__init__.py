"""Jobs that survive: records in the bucket are the truth, JetStream messages the to-do list, events the news.

record     what a job is: status, generation, attempt, history, manifest
kind       what differs between kinds of job: their words, their place in the bucket, their events
store      records over the storage service: create, compare-and-swap, list, tombstones
broker     the NATS connection and its health
topology   streams, consumers and buckets, made by the bootstrap command
queue      the backlog and the work queue: publishing work and counting it
turns      whose job is next: tenants by weight, users within a tenant
leadership one process at a time, elected by a key
dispatcher hands jobs of the backlog out in turn; elected
deliveries what a worker has in hand, until it is done or to be tried again
caps       how many unfinished jobs a tenant and a user may have
acceptance create the record, then the message; idempotency keys; queue-full
events     publishing news, and one feed of it per process
watch      a job's events from the start, or after a revision, to the end
writer     the one writer of a running attempt
worker     pull, claim, heartbeat, run, finish or hand back; drain
presence   which workers live, and how busy they are
pace       how often the sweeper looks, and how far back
sweeper    closes every gap between record, index and message; elected
deletion   tombstone, purge, purge again
"""

from services.common.optional import doing_without

with doing_without("aiohttp"):  # for NATS over websockets, which nobody speaks here
    import nats.aio.transport as _transport  # noqa: F401 - before any module of this package imports nats

"""The Python client: `Client` blocks, `AsyncClient` awaits; both do the same, with the same names and results.

```python
from services.client.rest import Client

with Client("http://127.0.0.1:8000", key) as client:
    task = client.submit_task(payloads, username="ananya")
    print(client.wait(task, timeout_s=60).status)
```

Imports httpx and pydantic, and neither grpc nor anything that computes.
"""

from services.client.rest.async_client import AsyncClient
from services.client.rest.client import Client
from services.client.rest.converter_calls import inline_file
from services.client.rest.news import News
from services.client.rest.results import Event, JobRef, TaskRef, as_json, parse_ref
from services.client.rest.retries import NO_RETRIES, Retries
from services.client.rest.watching import Overdue

__all__ = [
    "NO_RETRIES",
    "AsyncClient",
    "Client",
    "Event",
    "JobRef",
    "News",
    "Overdue",
    "Retries",
    "TaskRef",
    "as_json",
    "inline_file",
    "parse_ref",
]

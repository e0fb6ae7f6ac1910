"""``python -m services.events``"""

import sys

from services.common.entry import start_service
from services.events import app
from services.events.settings import EventsSettings

if __name__ == "__main__":
    start_service("events", EventsSettings, app.serve, sys.argv[1:], roles=("server",))

"""``python -m services.storage [server|bootstrap|backup|verify|restore]``"""

import sys

from services.common.entry import start_service
from services.storage import app
from services.storage.settings import StorageSettings

if __name__ == "__main__":
    start_service(
        "storage", StorageSettings, app.run, sys.argv[1:], roles=("bootstrap", "backup", "verify", "restore", "server")
    )

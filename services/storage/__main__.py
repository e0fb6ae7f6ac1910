"""``python -m services.storage [server|bootstrap|all|backup|verify|restore]``"""

import sys

from services.common.entry import start_service
from services.storage import app
from services.storage.settings import StorageSettings

if __name__ == "__main__":
    roles = ("bootstrap", "all", "backup", "verify", "restore", "server")
    start_service("storage", StorageSettings, app.run, sys.argv[1:], roles=roles)

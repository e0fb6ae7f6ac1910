"""``python -m services.converter api|worker|all``"""

import sys

from services.common.entry import start_service
from services.converter import app
from services.converter.settings import ConverterSettings

if __name__ == "__main__":
    start_service("converter", ConverterSettings, app.run, sys.argv[1:], roles=("api", "worker", "all"))

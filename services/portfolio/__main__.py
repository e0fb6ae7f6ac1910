"""``python -m services.portfolio api|worker|all``"""

import sys

from services.common.entry import start_service
from services.portfolio import app
from services.portfolio.settings import PortfolioSettings

if __name__ == "__main__":
    start_service("portfolio", PortfolioSettings, app.run, sys.argv[1:], roles=("api", "worker", "all"))

"""Runs the gateway: ``python -m services.gateway``."""

import sys

from services.common.entry import start_service
from services.gateway.app import serve
from services.gateway.settings import GatewaySettings

if __name__ == "__main__":
    start_service("gateway", GatewaySettings, serve, sys.argv[1:], roles=("server",))

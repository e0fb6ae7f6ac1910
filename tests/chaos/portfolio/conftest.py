"""The portfolio before an AI platform, as its integration tests have it."""

from tests.integration.portfolio.conftest import portfolio, portfolio_storage

__all__ = ["portfolio", "portfolio_storage"]

"""What the payloads of a task say of one another."""

from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.needs import Need


@dataclass(frozen=True, slots=True)
class Siblings:
    """Money with its currency.

    ``whole`` is what all of the portfolio is worth, ``leaves_shares`` what has to leave shares for the client's
    profile, and ``sold_first`` the share that is above its limit and large enough for that. ``trades_settle`` where
    trades towards a model are due that do so. The last two are of the portfolio of ``client``. ``profile`` is the
    client's risk profile and ``needs`` what is spoken for, wherever in the task they stand; ``traded`` are the assets
    that the plan towards the model sells (True) or buys.
    """

    whole: tuple[Decimal, str | None] | None = None
    leaves_shares: tuple[Decimal, str | None] | None = None
    sold_first: str | None = None
    trades_settle: bool = False
    client: str | None = None
    profile: str | None = None
    needs: tuple[Need, ...] = ()
    traded: tuple[tuple[str, bool], ...] = ()


NO_SIBLINGS = Siblings()

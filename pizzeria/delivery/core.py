"""When what is due. No AWS."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel

NOTICE = timedelta(minutes=30)


class Delivery(BaseModel):
    """An order on its way. The address stays sealed; who must read it opens it, and keeps no copy."""

    order_id: str
    sealed_address: str
    at: AwareDatetime | None = None
    status: Literal["SCHEDULED", "DUE", "DELIVERED"] = "SCHEDULED"


def alarm_time(delivery: Delivery, now: datetime) -> datetime | None:
    """Return when a delivery is to be announced, None if that is now."""
    if delivery.at is None or delivery.at - NOTICE <= now:
        return None
    return delivery.at - NOTICE

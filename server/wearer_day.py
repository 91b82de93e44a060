"""Which day it is for a wearer: by the clock of the store, where the wearer is."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.zones import local_time
from server import wearers
from server.figures import SIMULATOR
from server.nights import day_of
from server.tables import RecordingRow

__all__ = ["today", "zone_now"]


def today(session: Session, wearer: str, now_ns: int) -> date:
    """Name the day that a wearer is in, who may be far from the machine that is asked."""
    return day_of(local_time(now_ns, zone_now(session, wearer)))


def zone_now(session: Session, wearer: str) -> ZoneInfo:
    """Give the zone a wearer is in, as far as is known: that of the newest night, or at home."""
    recorded = select(RecordingRow.timezone).where(
        RecordingRow.wearer_id == wearer, ~RecordingRow.source.startswith(SIMULATOR)
    )
    newest = recorded.order_by(RecordingRow.night.desc(), RecordingRow.end_ns.desc()).limit(1)
    timezone = session.scalar(newest)
    return wearers.home(session, wearer) if timezone is None else ZoneInfo(timezone)

"""Which nights go on, kept so that a server that is started again knows whom it should hear of.

When each began is kept for longer: it tells when the next one can be expected to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ingest.samples import NS_PER_S
from server import wearers
from server.kept_tables import NightBegunRow, NightGoingOnRow
from server.live import FORGOTTEN_AFTER_S, Live
from server.nights import NOON, local_time, night_of
from server.store import Store
from server.wire import LiveReport

__all__ = ["expect", "heard", "nights_begun", "over"]


def heard(store: Store, live: Live, wearer: str, report: LiveReport) -> None:
    """Take a word of a night that goes on, and keep that it does.

    Raises
    ------
    StoreError
        The database cannot be written; the word is known all the same.
    """
    if not live.tell(report, wearer):
        return
    at_ns = store.now_ns()

    def work(session: Session) -> None:
        # The night may have arrived meanwhile.
        if live.is_over(report.started_ns, wearer):
            return
        whose = wearers.resolve_or_begin(session, wearer, report.timezone)
        session.merge(
            NightGoingOnRow(
                wearer_id=whose,
                started_ns=report.started_ns,
                timezone=report.timezone,
                heard_ns=at_ns,
            )
        )
        night = night_of(report.started_ns, ZoneInfo(report.timezone))
        if session.get(NightBegunRow, (whose, night)) is None:
            session.add(
                NightBegunRow(
                    wearer_id=whose,
                    night=night,
                    started_ns=report.started_ns,
                    timezone=report.timezone,
                )
            )

    store.write(work)


def over(store: Store, live: Live, wearer: str, started_ns: int) -> None:
    """Take note that a wearer's night is over, by the start of its recording.

    Raises
    ------
    StoreError
        The database cannot be written.
    """
    live.over(started_ns, wearer)
    gone = delete(NightGoingOnRow).where(
        NightGoingOnRow.wearer_id == wearer, NightGoingOnRow.started_ns == started_ns
    )
    store.write(lambda session: session.execute(gone))


def expect(store: Store, live: Live) -> None:
    """Have a server that begins know of the nights that went on when the one before ended.

    Raises
    ------
    StoreError
        The database cannot be read.
    """
    since_ns = store.now_ns() - round(FORGOTTEN_AFTER_S * NS_PER_S)
    with store.reading() as session:
        found = session.scalars(
            select(NightGoingOnRow).where(NightGoingOnRow.heard_ns >= since_ns)
        ).all()
    for each in found:
        report = LiveReport(each.started_ns, each.timezone)
        live.expect(report, each.wearer_id, datetime.fromtimestamp(each.heard_ns / NS_PER_S, UTC))


def nights_begun(session: Session, wearer: str, since: date) -> Mapping[date, timedelta]:
    """Give how long after noon, by the clock on the wall, nights began that were told of.

    Parameters
    ----------
    since
        The first night.
    """
    found = select(NightBegunRow).where(
        NightBegunRow.wearer_id == wearer, NightBegunRow.night >= since
    )
    return {
        each.night: local_time(each.started_ns, ZoneInfo(each.timezone)).replace(tzinfo=None)
        - datetime.combine(each.night, NOON)
        for each in session.scalars(found)
    }

"""Figures of the server for Prometheus; none says anything of what somebody's nights held.

No figure has a wearer, a device, a date or an address as a label. Of nights it is told how many are
stored and how many days ago the newest began, of all wearers together: enough to hear of a
collector that has stopped, too little to see when somebody got up.
"""

from __future__ import annotations

import logging
import math
import time
from datetime import date
from zoneinfo import ZoneInfo

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from sqlalchemy import func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.errors import StoreError
from server.kept_tables import NoticeRow
from server.logs import fields
from server.nights import day_of, local_time
from server.store import Store
from server.tables import RecordingRow

__all__ = ["Measured", "Metrics"]

_LOG = logging.getLogger(__name__)

REQUEST_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
"""Bounds in seconds of what a request took: the page has to be there within 0.05."""

COMMIT_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0)
"""Bounds in seconds of a commit: a flush takes milliseconds, an SD card now and then half a
second, and after 10 s another program held the database."""

TOGETHER = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Bounds of the pieces of work in a commit, up to `server.writer.MOST_TOGETHER`."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods that are told apart: anybody can invent others."""

OTHER = "other"

STORED = {
    "recordings": "Judged recordings in the store.",
    "days_since_newest_night": "Days since the newest night began, of all wearers together.",
    "notices_waiting": "Notices still to be sent.",
    "notices_sent": "Notices that were sent.",
    "notices_given_up": "Notices that could not be sent.",
}
"""What is read from the store, by the names of the gauges."""


class Metrics:
    """What is counted since the server began, in a registry of its own."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "crampwatch_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._request_s = Histogram(
            "crampwatch_http_request_seconds",
            "Time from a request to the end of its answer.",
            ("method", "route"),
            buckets=REQUEST_S,
            registry=self._registry,
        )
        self._commit_s = Histogram(
            "crampwatch_writer_commit_seconds",
            "Time that a transaction took, the flush to the disk included.",
            buckets=COMMIT_S,
            registry=self._registry,
        )
        self._together = Histogram(
            "crampwatch_writer_commit_works",
            "Pieces of work that shared a transaction.",
            buckets=TOGETHER,
            registry=self._registry,
        )
        self._waiting = self._gauge("writer_waiting", "Pieces of work that wait to be written.")
        self._readable = self._gauge("store_readable", "Whether the store could be read just now.")
        self._stored = {name: self._gauge(name, told) for name, told in STORED.items()}

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_s.labels(method, route).observe(took_s)

    def committed(self, works: int, took_s: float) -> None:
        """Count a commit of the writer."""
        self._together.observe(works)
        self._commit_s.observe(took_s)

    def exposition(self, store: Store) -> bytes:
        """Write all figures as Prometheus reads them; of a store that fails they are no numbers."""
        self._waiting.set(store.waiting)
        try:
            found = _found(store)
        except StoreError:
            found = {}
        self._readable.set(bool(found))
        for name, gauge in self._stored.items():
            gauge.set(found.get(name, math.nan))
        return generate_latest(self._registry)

    def _gauge(self, name: str, told: str) -> Gauge:
        return Gauge(f"crampwatch_{name}", told, registry=self._registry)


def _found(store: Store) -> dict[str, float]:
    """Give the figures that are in the store, by the names of their gauges."""
    with store.reading() as session:
        recordings = session.scalar(select(func.count()).select_from(RecordingRow)) or 0
        newest = session.execute(
            select(RecordingRow.night, RecordingRow.timezone)
            .order_by(RecordingRow.night.desc())
            .limit(1)
        ).one_or_none()
        notices, waiting, sent = session.execute(
            select(func.count(), func.count(NoticeRow.next_try_ns), func.count(NoticeRow.sent_ns))
        ).one()
    return {
        "recordings": recordings,
        "days_since_newest_night": math.nan if newest is None else _days_since(store, *newest),
        "notices_waiting": waiting,
        "notices_sent": sent,
        "notices_given_up": notices - waiting - sent,
    }


def _days_since(store: Store, night: date, timezone: str) -> int:
    return (day_of(local_time(store.now_ns(), ZoneInfo(timezone))) - night).days


class Measured:
    """Counts and logs every request by its route, and never with what was asked for."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began_s = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            took_s = time.perf_counter() - began_s
            method = scope["method"] if scope["method"] in METHODS else OTHER
            route = _route(scope)
            self._metrics.answered(method, route, status, took_s)
            if _LOG.isEnabledFor(logging.INFO):
                _LOG.info(
                    "request",
                    extra=fields(
                        method=method, route=route, status=status, took_ms=round(1000 * took_s, 1)
                    ),
                )


def _route(scope: Scope) -> str:
    """Name a route as it is written in the program, with its parameters' names in their place."""
    route = scope.get("route")
    return getattr(route, "path", None) or OTHER

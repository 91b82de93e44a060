"""The morning page, made on the server: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from ingest.samples import FaultKind
from server import summary, words
from server.context import StoreInUse, Today
from server.store import Store
from server.summary import HALF_A_NIGHT_S, Morning, NightState, StripNight
from server.timeline import timeline

__all__ = ["error", "router"]

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
UNIT = re.compile(r"(?<=\d) (?=(?:h|min|s|%|beats)(?:\W|$))")
"""The space before a unit, as `server.words` writes it."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def _keep_together(value: object) -> object:
    """Keep a number on the same line as its unit; what is HTML already stays as it is."""
    return UNIT.sub(NO_BREAK_SPACE, value) if type(value) is str else value


_templates = Environment(
    loader=PackageLoader("server"),
    autoescape=True,
    finalize=_keep_together,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(words=words, NightState=NightState)


@router.get("/")
def newest(store: StoreInUse, today: Today) -> Response:
    """Show the newest night, and say so where that is not last night."""
    morning = summary.morning(store)
    if morning is None:
        return _page("empty.html", put_aside=store.put_aside)
    last_night = today - timedelta(days=1)
    missing = last_night if morning.night < last_night else None
    return _morning(store, morning, missing=missing)


@router.get("/nights/{night}")
def one_night(store: StoreInUse, night: date) -> Response:
    """Show one night, recorded or not."""
    morning = summary.morning(store, night)
    if morning is not None:
        return _morning(store, morning)
    return _page(
        "not_recorded.html",
        status=404,
        night=night,
        **_surroundings(store, night),
    )


def error(
    title: str, detail: str, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Show what went wrong."""
    return _page("error.html", status=status, headers=headers, title=title, detail=detail)


def _morning(store: Store, morning: Morning, *, missing: date | None = None) -> Response:
    figures, zone = morning.figures, morning.zone
    faults = [
        (words.fault(kind, spans, figures.recorded_s, zone), words.FAULTS[kind].advice)
        for kind in FaultKind
        if (spans := morning.fault_spans(kind))
    ]
    return _page(
        "morning.html",
        morning=morning,
        figures=figures,
        zone=zone,
        scarce=figures.worn_s < HALF_A_NIGHT_S,
        missing=missing,
        faults=faults,
        timeline=timeline(morning),
        **_surroundings(store, morning.night),
    )


def _surroundings(store: Store, night: date) -> dict[str, Any]:
    before, after = summary.neighbours(store, night)
    strip = [(each, _mark(each)) for each in summary.strip(store, night)]
    return {"before": before, "after": after, "strip": strip, "put_aside": store.put_aside}


def _mark(night: StripNight) -> str:
    """Name the mark that stands for a night in the strip."""
    if night.state is NightState.FOUND:
        return "likely" if night.likely else "possible"
    return night.state.value


def _page(
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    return HTMLResponse(_templates.get_template(template).render(values), status, headers)

"""The morning page, made on the server and whole without a script; nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import URL

from ingest.samples import FaultKind
from server import (
    alert_words,
    cue_words,
    question_words,
    static_files,
    summary,
    trial_words,
    words,
)
from server.alert_shown import ShownAlert, shown_alerts
from server.alerting import take_step
from server.context import (
    AlertNumber,
    CallerInUse,
    LiveInUse,
    MayAnswer,
    NotifierInUse,
    Speaker,
    StorableNight,
    StoreInUse,
    Today,
    WearerAsked,
    WearerInUse,
)
from server.events import EventKind
from server.figures import NightFigures, NightState
from server.kept_tables import AlertStep
from server.kind_words import looks_like
from server.language import LANGUAGES, _, gettext, locale, raw_ngettext, translated
from server.live import Tonight
from server.nights import ONE_DAY
from server.notices import sentence
from server.people import OWNER
from server.questions import questions
from server.store import Store
from server.summary import Overview
from server.timeline import timeline
from server.trials import trial_to_tell
from server.wearer_day import today
from server.wearers import Wearer, one

__all__ = [
    "asked",
    "error",
    "login",
    "night_page",
    "of_wearer",
    "page",
    "router",
    "templates",
    "whose",
]

LOOK_AGAIN_S = 60
"""Seconds after which the page of a night that goes on is loaded anew: its collector speaks once a
minute."""

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
UNIT = re.compile(r"(?<=\d) (?=(?:h|min|s|%|beats)(?:\W|$))")
"""The space before a unit, as `server.words` writes it."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def _keep_together(value: object) -> object:
    """Keep a number on the same line as its unit; what is HTML already stays as it is."""
    return UNIT.sub(NO_BREAK_SPACE, value) if type(value) is str else value


templates = Environment(
    loader=PackageLoader("server"),
    autoescape=True,
    finalize=_keep_together,
    undefined=StrictUndefined,
    extensions=["jinja2.ext.i18n"],
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.policies["ext.i18n.trimmed"] = True
templates.install_gettext_callables(gettext, raw_ngettext, newstyle=True)  # type: ignore[attr-defined]
templates.globals.update(
    # Unlike that of the extension it gives plain text, which is escaped like any other.
    _=_,
    LANGUAGES=LANGUAGES,
    spoken=lambda: locale().language,
    translated=translated,
    alert_words=alert_words,
    question_words=question_words,
    inlined=static_files.inlined,
    static=static_files.address,
    words=words,
    cue_words=cue_words,
    looks_like=looks_like,
    sentence=sentence,
    LOOK_AGAIN_S=LOOK_AGAIN_S,
)


@router.get("/")
def newest(
    store: StoreInUse,
    live: LiveInUse,
    notifier: NotifierInUse,
    whose: WearerInUse,
    caller: CallerInUse,
    may_answer: MayAnswer,
    wearer: WearerAsked = None,
) -> Response:
    """Show the night that goes on and the newest one; say so where that is not last night."""
    tonight = live.tonight(whose)
    # In one session: to begin another asks as much of a PostgreSQL server as three questions.
    with store.reading() as session:
        day = today(session, whose, store.now_ns())
        overview = summary.newest_in(session, whose)
        alerts = shown_alerts(store, session, whose)
        trial = trial_to_tell(session, whose, day)
        untold = notifier.trouble(session, whose, caller.person)
    if overview is None:
        return page(
            "empty.html", put_aside=store.put_aside, tonight=tonight, **of_wearer(store, wearer)
        )
    last_night = day - ONE_DAY
    missing = last_night if overview.night < last_night else None
    return night_page(
        store,
        overview,
        day,
        front=True,
        missing=missing,
        tonight=tonight,
        wearer=wearer,
        alerts=alerts,
        may_answer=may_answer,
        untold=untold,
        trial=trial_words.of_today(trial, day),
    )


@router.get("/nights/{night}")
def one_night(
    store: StoreInUse,
    today: Today,
    night: StorableNight,
    whose: WearerInUse,
    may_answer: MayAnswer,
    wearer: WearerAsked = None,
) -> Response:
    """Show one night, recorded or not."""
    overview = summary.overview(store, whose, night)
    return night_page(store, overview, today, wearer=wearer, may_answer=may_answer)


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(
    store: StoreInUse,
    live: LiveInUse,
    whose: WearerInUse,
    speaker: Speaker,
    alert_id: AlertNumber,
    wearer: WearerAsked = None,
) -> Response:
    """Note that an alert was read, and show the page again."""
    if take_step(store, whose, alert_id, AlertStep.ACKNOWLEDGED, speaker) is None:
        raise HTTPException(404)
    live.events.publish(whose, EventKind.ALERT, "/api/v1/alerts")
    return RedirectResponse(f"/{asked(wearer)}", 303)


@router.get("/service-worker.js")
def service_worker() -> Response:
    """Give what keeps the page readable out of reach; it rules over the pages beside it."""
    return FileResponse(static_files.FOLDER / "service-worker.js", media_type="text/javascript")


def error(
    title: str, detail: str, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Show what went wrong."""
    return page("error.html", status=status, headers=headers, title=title, detail=detail)


def whose(known: Iterable[Wearer], url: URL) -> Response:
    """Ask whose page is meant, where nobody said so and there are several wearers."""
    ways = ((each, url.include_query_params(wearer=each.id)) for each in known)
    choices = [(each, f"{way.path}?{way.query}") for each, way in ways]
    return page("whose.html", status=409, choices=choices)


def login(
    onward: str = "/",
    *,
    name: str = OWNER,
    problem: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Ask for a name and a password.

    Parameters
    ----------
    onward
        Address of the page that was asked for.
    problem
        Why it is asked again.
    """
    return page(
        "login.html", status=status, headers=headers, onward=onward, name=name, problem=problem
    )


def night_page(
    store: Store,
    overview: Overview,
    today: date,
    *,
    front: bool = False,
    missing: date | None = None,
    tonight: Tonight | None = None,
    wearer: str | None = None,
    alerts: tuple[ShownAlert, ...] = (),
    may_answer: bool = True,
    refusal: str | None = None,
    untold: str | None = None,
    refused_time: str = "",
    trial: str | None = None,
) -> Response:
    """Show a night.

    Parameters
    ----------
    front
        Whether this is the front page, which the forms lead back to.
    missing
        Last night, where this is not it.
    tonight
        The night that goes on.
    wearer
        Who was asked for by name.
    may_answer
        Whether the questions are put to whoever looks.
    refusal
        Why what was sent is not kept.
    untold
        On which channels nobody could be told.
    refused_time
        The time that was told of a cramp, where it is that which cannot be.
    trial
        What the trial of a habit has for tonight.
    """
    around: dict[str, Any] = {
        "overview": overview,
        "strip": [(each, _mark(each)) for each in overview.strip],
        "put_aside": store.put_aside,
        **of_wearer(store, wearer),
    }
    morning = overview.morning
    if morning is None:
        return page("not_recorded.html", status=404, **around)
    figures = morning.figures
    faults = [
        words.fault(kind, spans, figures.recorded_s, figures.worn_s, morning.zone)
        for kind in FaultKind
        if (spans := morning.fault_spans(kind))
    ]
    return page(
        "morning.html",
        status=200 if refusal is None else 422,
        may_answer=may_answer,
        refusal=refusal,
        refused_time=refused_time,
        trial=trial,
        front=front,
        questions=questions(morning),
        morning=morning,
        figures=figures,
        heading=words.heading(morning.night, today - ONE_DAY),
        scarce=words.scarce(figures.searched_s, figures.worn_s, figures.recorded_s),
        missing=missing,
        untold=untold,
        tonight=tonight,
        faults=faults,
        alerts=alerts,
        timeline=timeline(morning),
        **around,
    )


def asked(wearer: str | None) -> str:
    """Write what keeps a link at the wearer that was asked for."""
    return f"?wearer={quote(wearer)}" if wearer else ""


def of_wearer(store: Store, wearer: str | None) -> dict[str, Any]:
    """Give what a page says of the wearer that it was asked for by id: the links, and the name."""
    if not wearer:
        return {}
    with store.reading() as session:
        found = one(session, wearer)
    return {"asked": asked(wearer), "called": None if found is None else found.name}


def _mark(night: NightFigures) -> str:
    """Name the mark that stands for a night in the strip."""
    match night.state:
        case NightState.FOUND:
            return "likely" if night.likely else "possible"
        case NightState.UNKNOWN:
            return NightState.PARTLY.value
    return night.state.value


def page(
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    tonight: Tonight | None = None,
    asked: str = "",
    called: str | None = None,
    **values: Any,
) -> Response:
    """Make a page of a template.

    Parameters
    ----------
    asked
        What its links end with, to stay with the wearer that was asked for by id.
    called
        The name of that wearer.
    """
    made = templates.get_template(template).render(
        values, tonight=tonight, asked=asked, called=called
    )
    return HTMLResponse(made, status, headers)

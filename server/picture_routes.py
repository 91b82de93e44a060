"""The page of the night in a picture, and the curves that it asks for."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from server import pages, static_files, summary
from server.bokeh_script import SCRIPTS
from server.context import StorableNight, StoreInUse, WearerAsked, WearerInUse
from server.curves import curves
from server.decoded import Decoded, NotShown
from server.drawn import MIN_RANGE_MS, NS_PER_MS, Chosen, Drawn, DrawnRecording, Range
from server.language import _, locale, translated
from server.picture import Line, five_minutes, picture, shown_recordings
from server.picture_words import DRAWING, NOT_SHOWN, WHAT_IS_DRAWN
from server.places import Samples
from server.problems import PROBLEM_RESPONSES
from server.summary import Morning
from server.timeline import extent

__all__ = ["api", "router"]

NONCE_BYTES = 16
"""Bytes of chance in a nonce: it cannot be guessed while a page is open."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
api = APIRouter(prefix="/api/v1", tags=["nights"], responses=PROBLEM_RESPONSES)


async def _samples(request: Request) -> Samples:
    samples: Samples = request.app.state.samples
    return samples


SamplesInUse = Annotated[Samples, Depends(_samples)]


@api.get("/nights/{night}/curves", summary="The lines of a part of a night, as they are drawn")
def get_curves(
    store: StoreInUse,
    samples: SamplesInUse,
    wearer: WearerInUse,
    night: StorableNight,
    query: Annotated[Range, Query()],
) -> Drawn:
    morning = summary.morning(store, wearer, night)
    if morning is None:
        raise HTTPException(404, f"The night of {night} is not recorded here.")
    whole = extent(morning)
    start_ns, end_ns = query.start * NS_PER_MS, query.end * NS_PER_MS
    if not whole.start_ns <= start_ns < end_ns <= whole.end_ns:
        raise HTTPException(
            422,
            f"'start' has to be before 'end', and both from {whole.start_ns // NS_PER_MS} to "
            f"{whole.end_ns // NS_PER_MS}: no more of this night is drawn.",
        )
    if end_ns - start_ns < MIN_RANGE_MS * NS_PER_MS:
        raise HTTPException(422, f"'end' has to be {MIN_RANGE_MS} after 'start' at least.")
    drawn = []
    for recording in shown_recordings(morning.recordings, query.recording):
        if recording.start_ns <= end_ns and recording.end_ns >= start_ns:
            found = samples.of(store, recording)
            lines = (
                found
                if isinstance(found, NotShown)
                else curves(found, start_ns, end_ns, query.points)
            )
            drawn.append(DrawnRecording.of(recording, lines, start_ns))
    return Drawn(start=query.start, end=query.end, recordings=drawn)


@router.get("/nights/{night}/picture")
def show_picture(
    store: StoreInUse,
    samples: SamplesInUse,
    whose: WearerInUse,
    night: StorableNight,
    wearer: WearerAsked = None,
    recording: Chosen = None,
    table: Literal["minutes"] | None = None,
) -> Response:
    """Show the night in a picture, and the same as tables."""
    morning = summary.morning(store, whose, night)
    if morning is None:
        return pages.error(_("Not recorded"), _("Nothing is recorded of this night."), 404)
    told = picture(morning)
    shown = shown_recordings(morning.recordings, recording)
    kept = {name: value for name, value in (("wearer", wearer), ("recording", recording)) if value}
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    return pages.page(
        "picture.html",
        headers={"Content-Security-Policy": _policy(nonce)},
        nonce=nonce,
        scripts=SCRIPTS,
        **pages.of_wearer(store, wearer),
        minutes_at=f"/nights/{night}/picture?{urlencode(kept | {'table': 'minutes'})}",
        morning=morning,
        drawn=told.drawn
        | {
            "curves": f"/api/v1/nights/{night}/curves?{urlencode(kept)}",
            "locale": str(locale()).replace("_", "-"),
            "words": translated(DRAWING),
            "notShown": translated(NOT_SHOWN),
        },
        rows=told.rows,
        others=[each for each in morning.recordings if each not in shown],
        minutes=[(each, _minutes(morning, samples.of(store, each))) for each in shown]
        if table
        else None,
        what_is_drawn=[(_(name), _(meaning)) for name, meaning in WHAT_IS_DRAWN],
    )


def _policy(nonce: str) -> str:
    """Allow this page the scripts of this server, and the style sheets that Bokeh makes.

    Bokeh puts a `<style>` into each part of a picture. Only those that its script makes carry the
    nonce; styles in attributes, and code made of text, stay forbidden.
    """
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        f"style-src 'self' {static_files.LOOKS} 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _minutes(morning: Morning, decoded: Decoded | NotShown) -> tuple[Line, ...] | str:
    if isinstance(decoded, NotShown):
        return _(NOT_SHOWN[decoded])
    return five_minutes(morning, decoded.stretches)

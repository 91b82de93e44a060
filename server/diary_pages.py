"""The pages of the diary, and what their forms send; whole without a script."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from ingest.errors import InputError
from server import diary_words, pages, question_words, trial_words
from server.answer_routes import Form, FormSent
from server.context import (
    LiveInUse,
    Reader,
    ReaderNow,
    Speaker,
    StorableNight,
)
from server.diary_days import (
    DIALYSIS,
    DayForm,
    diary_day,
    keep_day,
    keep_standing,
    payloads_of,
    remove_day,
    remove_standing,
    standing,
)
from server.diary_kinds import DiaryKind, Payload, payload_of
from server.events import EventKind
from server.language import _
from server.live import Live
from server.nights import LAST_NIGHT, ONE_DAY
from server.trials import trial_to_tell

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

FactId = Annotated[str, Path(min_length=1, max_length=128)]

TRIP = "trip-"
"""What the name of a field begins with that says whether an awakening was a trip; its onset
follows."""

FACT_FIELDS = ("kind", "factor", "name", "of_class", "since", "until")
"""Fields of the forms of what holds for some time."""

REMOVE = "remove"
"""Value of the button that takes something out."""


@router.get("/diary")
def today_in_diary(reader: ReaderNow) -> Response:
    """Show the day of today."""
    return _day_page(reader, reader.today)


@router.get("/diary/days/{day}")
def one_day(reader: ReaderNow, day: StorableNight) -> Response:
    """Show one day."""
    return _day_page(reader, day)


@router.post("/diary/days/{day}")
def tell_day(
    reader: ReaderNow, live: LiveInUse, day: StorableNight, speaker: Speaker, form: FormSent
) -> Response:
    """Keep a day, or take it out."""
    store, whose = reader.store, reader.whose
    back = RedirectResponse(f"/diary/days/{day}{pages.asked(reader.wearer)}", 303)
    if form.one("do") == REMOVE:
        store.write(lambda session: remove_day(session, whose, day))
        _tell(live, whose)
        return back
    told = DayForm(
        frozenset(form.fields.get("tick", ())),
        {name: form.one(name) for name in diary_words.NUMBERS},
    )
    try:
        if day > reader.today + ONE_DAY:
            raise InputError(_("This day is still to come. Choose a day that has begun."))
        payloads = payloads_of(told)
    except InputError as refusal:
        return _day_page(reader, day, refused=told, refusal=str(refusal))
    with store.reading() as session:
        offered = [each.awakening.start_ns for each in diary_day(session, whose, day).trips]
    trips = {
        onset_ns: form.one(name) == "yes"
        for onset_ns in offered
        if (name := f"{TRIP}{onset_ns}") in form.fields
    }
    given_ns = form.given_ns(store.now_ns())
    store.write(
        lambda session: keep_day(
            session, whose, day, payloads, trips, given_ns=given_ns, given_by=speaker
        )
    )
    _tell(live, whose)
    return back


@router.get("/diary/standing")
def what_holds(reader: ReaderNow) -> Response:
    """Show what holds for some time."""
    return _standing_page(reader)


@router.post("/diary/standing/{fact_id}")
def tell_what_holds(
    reader: ReaderNow, live: LiveInUse, fact_id: FactId, speaker: Speaker, form: FormSent
) -> Response:
    """Keep something that holds for some time, or take it out."""
    store, whose, today = reader.store, reader.whose, reader.today
    given_ns = form.given_ns(store.now_ns())
    try:
        if form.one("do") == REMOVE:
            store.write(lambda session: remove_standing(session, whose, fact_id))
        else:
            told = _fact(form)
            store.write(
                lambda session: keep_standing(
                    session, whose, fact_id, told, today=today, given_ns=given_ns, given_by=speaker
                )
            )
    except InputError as refusal:
        filled = {name: form.one(name) for name in form.fields}
        return _standing_page(reader, filled=filled, refusal=str(refusal))
    _tell(live, whose)
    return RedirectResponse(f"/diary/standing{pages.asked(reader.wearer)}", 303)


def _fact(form: Form) -> Payload:
    kind = form.one("kind")
    if kind not in (DiaryKind.FACTOR, DiaryKind.MEDICINE):
        raise InputError(_("Choose what it is about, and keep it again."))
    names = ("factor",) if kind == DiaryKind.FACTOR else ("name", "of_class")
    filled = {name: form.one(name) for name in (*names, "since", "until")}
    if kind == DiaryKind.FACTOR and not filled["factor"]:
        raise InputError(_("Choose one of the list, and keep it again."))
    if kind == DiaryKind.MEDICINE and not (filled["name"] or filled["of_class"]):
        raise InputError(_("Give the medicine a name, or choose what kind it is."))
    # Written as the form sends them, dates compare as text.
    if filled["since"] and filled["until"] and filled["until"] < filled["since"]:
        raise InputError(_("It ends before it begins. Correct one of the dates."))
    return payload_of(kind, {name: value for name, value in filled.items() if value})


def _tell(live: Live, whose: str) -> None:
    live.events.publish(whose, EventKind.DIARY, "/api/v1/diary")


def _day_page(
    reader: Reader, day: date, *, refused: DayForm | None = None, refusal: str | None = None
) -> Response:
    today = reader.today
    with reader.store.reading() as session:
        found = diary_day(session, reader.whose, day)
        trial = trial_to_tell(session, reader.whose, today) if day == today else None
    return pages.page(
        "diary.html",
        status=200 if refusal is None else 422,
        **pages.of_wearer(reader.store, reader.wearer),
        found=found,
        form=refused or found.form,
        refusal=refusal,
        today=today,
        before=day - ONE_DAY,
        after=day + ONE_DAY if day < min(today, LAST_NIGHT) else None,
        may_write=reader.may_write,
        trial=trial_words.of_today(trial, today),
        diary_words=diary_words,
        trip_words=question_words.trip,
        DIALYSIS=DIALYSIS,
        TRIP=TRIP,
        REMOVE=REMOVE,
    )


def _standing_page(
    reader: Reader, *, filled: dict[str, Any] | None = None, refusal: str | None = None
) -> Response:
    with reader.store.reading() as session:
        kept = standing(session, reader.whose)
    return pages.page(
        "diary_standing.html",
        status=200 if refusal is None else 422,
        **pages.of_wearer(reader.store, reader.wearer),
        kept=kept,
        filled=dict.fromkeys(FACT_FIELDS, "") | (filled or {}),
        refusal=refusal,
        new_id=uuid4().hex,
        may_write=reader.may_write,
        diary_words=diary_words,
        REMOVE=REMOVE,
    )

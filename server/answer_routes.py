"""What the forms of the morning page send; each answers with the page again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, TypeVar
from urllib.parse import parse_qs

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse

from ingest.errors import InputError
from ingest.samples import NS_PER_S
from server import answers, pages, queries, summary
from server.announce import tell_of_answer
from server.answers import Answer, KeptAnswer
from server.bathroom import tell_trip
from server.context import (
    LiveInUse,
    Speaker,
    StorableNight,
    StoreInUse,
    Today,
    WearerAsked,
    WearerInUse,
)
from server.events import EventKind
from server.kept_tables import Leg, Muscle, Said
from server.language import _
from server.live import Live
from server.store import Store
from server.told_time import told_instant
from server.wire import LATEST_NS

__all__ = ["Form", "FormSent", "router"]

router = APIRouter(include_in_schema=False)

MOST_FIELDS = 40
"""Fields of a form at most: twice those of the longest one."""
NS_PER_MS = NS_PER_S // 1000

T = TypeVar("T")

EpisodeId = Annotated[str, Path(min_length=1, max_length=64)]
OnsetInPath = Annotated[int, Path(ge=0, le=LATEST_NS)]
AnswerId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each as often as it was sent."""

    fields: dict[str, list[str]]

    def one(self, name: str) -> str:
        """Give a field; empty where it was not sent."""
        return self.fields.get(name, [""])[-1].strip()

    def word(self, name: str, of: type[T]) -> T | None:
        """Give a field that is one of some words; None where it was not sent.

        Raises
        ------
        InputError
            It is none of them.
        """
        said = self.one(name)
        try:
            return of(said) if said else None  # type: ignore[call-arg]
        except ValueError as error:
            raise InputError(
                _("'%(said)s' cannot be an answer here. Choose one of those.", said=said)
            ) from error

    def given_ns(self, now_ns: int) -> int:
        """Give when it was said: a phone that was out of reach says so, and cannot say 'later'."""
        said_ms = self.one("given_ms")
        if not (said_ms.isascii() and said_ms.isdigit() and len(said_ms) <= 14):
            return now_ns
        return min(int(said_ms) * NS_PER_MS, now_ns)

    def answer(self) -> Answer:
        """Give what was said of a cramp.

        Raises
        ------
        InputError
            It is none, or out of its range.
        """
        said = self.word("said", Said)
        if said is None:
            raise InputError(_("Choose yes, no or not sure."))
        helped = [*self.fields.get("helped", ()), self.one("something_else")]
        return Answer(
            said,
            leg=self.word("leg", Leg),
            muscle=self.word("muscle", Muscle),
            pain=self.word("pain", int),
            helped=", ".join(each.strip() for each in helped if each.strip()),
            hurt_min=_minutes(self.one("hurt_min")),
        )


async def _form(request: Request) -> Form:
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return Form(parse_qs(body, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise InputError(_("This form has too many fields. Load the page again.")) from error


FormSent = Annotated[Form, Depends(_form)]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who speaks of whose night, and where the page goes on."""

    store: Store
    live: Live
    whose: str
    speaker: str
    today: date
    form: Form
    wearer: str | None

    def back(self, night: date, anchor: str) -> Response:
        """Show the page again that the form was on, at the same place."""
        page = "/" if self.form.one("front") else f"/nights/{night}"
        return RedirectResponse(f"{page}{pages.asked(self.wearer)}#{anchor}", 303)

    def take(
        self,
        night: date,
        at_ns: int,
        afterwards: BackgroundTasks,
        keep: Callable[[Answer, int], KeptAnswer | None],
    ) -> Response:
        """Keep what is said of the cramp of an instant, or say why not.

        Parameters
        ----------
        keep
            Told the answer and when it was given; gives what became of it.
        """
        try:
            answer = self.form.answer()
        except InputError as refusal:
            return self.refuse(night, refusal)
        kept = keep(answer, self.form.given_ns(self.store.now_ns()))
        is_news = kept is not None and kept.is_news
        afterwards.add_task(tell_of_answer, self.store, self.live, self.whose, is_news=is_news)
        return self.back(night, f"at-{at_ns}")

    def refuse(self, night: date, refusal: InputError, *, time: str = "") -> Response:
        """Show the night again, and why something was not kept."""
        overview = summary.overview(self.store, self.whose, night)
        return pages.night_page(
            self.store,
            overview,
            self.today,
            wearer=self.wearer,
            refusal=str(refusal),
            refused_time=time,
        )


def _visit(
    store: StoreInUse,
    live: LiveInUse,
    whose: WearerInUse,
    speaker: Speaker,
    today: Today,
    form: FormSent,
    wearer: WearerAsked = None,
) -> Visit:
    return Visit(store, live, whose, speaker, today, form, wearer)


VisitNow = Annotated[Visit, Depends(_visit)]


@router.post("/episodes/{episode_id}/answer")
def answer_episode(visit: VisitNow, episode_id: EpisodeId, afterwards: BackgroundTasks) -> Response:
    """Keep what is said of an episode."""
    with visit.store.reading() as session:
        episode = queries.episode(session, visit.whose, episode_id)
    if episode is None:
        raise HTTPException(404)

    def keep(answer: Answer, given_ns: int) -> KeptAnswer | None:
        return visit.store.write(
            lambda session: answers.answer_episode(
                session, visit.whose, episode_id, answer, given_ns=given_ns, given_by=visit.speaker
            )
        )

    return visit.take(episode.night, episode.start_ns, afterwards, keep)


@router.post("/nights/{night}/trips/{onset_ns}")
def tell_bathroom(visit: VisitNow, night: StorableNight, onset_ns: OnsetInPath) -> Response:
    """Keep whether an awakening was a trip to the bathroom."""
    morning = summary.morning(visit.store, visit.whose, night)
    if morning is None or all(each.awakening.start_ns != onset_ns for each in morning.trips):
        raise HTTPException(404)
    said = visit.form.word("said", Said)
    given_ns = visit.form.given_ns(visit.store.now_ns())
    visit.store.write(
        lambda session: tell_trip(
            session,
            visit.whose,
            night,
            onset_ns,
            was_one=said is Said.YES,
            given_ns=given_ns,
            given_by=visit.speaker,
        )
    )
    visit.live.events.publish(visit.whose, EventKind.DIARY, "/api/v1/diary")
    return visit.back(night, f"at-{onset_ns}")


@router.post("/nights/{night}/missed")
def add_missed(visit: VisitNow, night: StorableNight, afterwards: BackgroundTasks) -> Response:
    """Keep that there was a cramp which was not found."""
    store, form = visit.store, visit.form
    morning = summary.morning(store, visit.whose, night)
    if morning is None:
        raise HTTPException(404)
    now_ns = store.now_ns()
    time, second = form.one("time"), form.one("hour") == "second"
    try:
        time_ns = told_instant(time, second=second, morning=morning, now_ns=now_ns)
    except InputError as refusal:
        return visit.refuse(night, refusal, time=time)
    told = any(each.onset_ns == time_ns and each.said is Said.YES for each in morning.answers)
    is_news = False
    if not told:
        kept = _keep_missed(visit, time_ns, Answer(Said.YES), form.given_ns(now_ns))
        is_news = kept.is_news
    afterwards.add_task(tell_of_answer, store, visit.live, visit.whose, is_news=is_news)
    return visit.back(night, f"at-{time_ns}")


@router.post("/answers/{answer_id}")
def change_missed(visit: VisitNow, answer_id: AnswerId, afterwards: BackgroundTasks) -> Response:
    """Keep more of a cramp that was not found, or take it back."""
    with visit.store.reading() as session:
        found = answers.find(session, visit.whose, answer_id)
    if found is None:
        raise HTTPException(404)

    def keep(answer: Answer, given_ns: int) -> KeptAnswer | None:
        if answer.said is Said.TAKEN_BACK:
            return visit.store.write(
                lambda session: answers.remove_answer(
                    session, visit.whose, answer_id, given_ns=given_ns, given_by=visit.speaker
                )
            )
        return _keep_missed(visit, found.onset_ns, replace(answer, said=Said.YES), given_ns)

    return visit.take(found.night, found.onset_ns, afterwards, keep)


def _keep_missed(visit: Visit, time_ns: int, answer: Answer, given_ns: int) -> KeptAnswer:
    # One that is sent late is older than the present, and yet no older than the cramp itself.
    at_ns = max(given_ns, time_ns)
    return visit.store.write(
        lambda session: answers.add_missed(
            session, visit.whose, time_ns, answer, given_ns=at_ns, given_by=visit.speaker
        )
    )


def _minutes(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise InputError(_("Write how long it hurt as a number of minutes, such as 4.")) from error

"""What is told over the API of single awakenings: by a collector at night, by the wearer later."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Depends,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
)
from pydantic import Field
from pydantic.dataclasses import dataclass
from sqlalchemy.orm import Session

from detector.night import Standing
from server import answers, provisional, queries, schema, wearers, wire_examples
from server.announce import tell_of_answer
from server.answers import MAX_HELPED_CHARS, MAX_HURT_MIN, MAX_PAIN, Answer
from server.conditions import ConditionInUse, tagged
from server.context import (
    IdInPath,
    LiveInUse,
    Speaker,
    StoreInUse,
    WearerInUse,
    asked_wearer,
)
from server.cursors import Place
from server.events import EventKind
from server.kept_tables import Leg, Muscle, Said
from server.listing import NightListing, page, stretch
from server.problems import CHANGED_RESPONSE, PROBLEM_RESPONSES
from server.provisional import ProvisionalEpisode, Told
from server.store import Store
from server.wire import Instant, Text, ZoneName

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", responses=PROBLEM_RESPONSES)

JSON = "application/json"

PROVISIONAL = "/api/v1/provisional-episodes"
"""Where the episodes of the night that goes on can be read."""


@dataclass(frozen=True, slots=True)
class ProvisionalMessage:
    """An episode of a night that goes on; its times are UTC nanoseconds."""

    started_ns: Annotated[Instant, Field(description="Start of the recording")]
    timezone: ZoneName
    onset_ns: Instant
    end_ns: Instant
    probability: Annotated[float, Field(ge=0, le=1)]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Details:
    """What may be said of a cramp."""

    leg: Leg | None = None
    muscle: Muscle | None = None
    pain: Annotated[int, Field(ge=0, le=MAX_PAIN)] | None = None
    helped: Annotated[Text, Field(max_length=MAX_HELPED_CHARS)] = ""
    hurt_min: Annotated[float, Field(ge=0, le=MAX_HURT_MIN, description="Minutes")] | None = None
    given_ns: (
        Annotated[Instant, Field(description="When it was said; left out, now. The last stands")]
        | None
    ) = None

    def said_ns(self, now_ns: int) -> int:
        """Give when it was said, as far as the clock of who sends it can be right."""
        return now_ns if self.given_ns is None else min(self.given_ns, now_ns)

    def with_word(self, said: Said) -> Answer:
        """Make an answer of them."""
        return Answer(said, self.leg, self.muscle, self.pain, self.helped, self.hurt_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMessage(Details):
    """What the wearer says of an episode."""

    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedMessage(Details):
    """A cramp that was not found."""

    time_ns: Annotated[
        Instant, Field(description="UTC nanoseconds", examples=[1_795_309_980_000_000_000])
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class _Sent:
    """An episode as it was sent; `asked` is the wearer that is named, be it nobody."""

    asked: str | None
    timezone: str
    episode: ProvisionalEpisode
    told_ns: int


def _keep_told(session: Session, sent: Sequence[_Sent]) -> list[tuple[bool, str]]:
    """Keep episodes at once; the wearers of all of them are asked for once.

    Returns
    -------
    list
        Of each, whether it is new and whose it is.
    """
    wearer = functools.cache(functools.partial(wearers.resolve_or_begin, session))
    told = [
        Told(wearer(each.asked, each.timezone), each.episode, ZoneInfo(each.timezone), each.told_ns)
        for each in sent
    ]
    new = provisional.tell_episodes(session, told)
    return [(is_new, each.wearer) for is_new, each in zip(new, told, strict=True)]


async def tell_episode(
    store: StoreInUse,
    live: LiveInUse,
    asked: Annotated[str | None, Depends(asked_wearer)],
    episode_id: IdInPath,
    told: Annotated[ProvisionalMessage, Body(examples=[wire_examples.PROVISIONAL])],
    response: Response,
) -> schema.Told:
    if told.end_ns < told.onset_ns:
        raise HTTPException(422, "An episode ends after its onset.")
    episode = ProvisionalEpisode(
        episode_id, told.started_ns, told.onset_ns, told.end_ns, told.probability, told.standing
    )
    # Not in a thread: hundreds may wait for one flush of the disk.
    new, wearer = await asyncio.wrap_future(
        store.submit_piece(_keep_told, _Sent(asked, told.timezone, episode, store.now_ns()))
    )
    live.events.publish(wearer, EventKind.EPISODE, PROVISIONAL)
    if new:
        response.status_code = 201
    return schema.Told(id=episode_id, new=new)


router.add_api_route(
    "/provisional-episodes/{episode_id}",
    tell_episode,
    methods=["PUT"],
    tags=["collector"],
    summary="Tell of an episode while the night goes on; the same again takes its place",
    responses={201: {"model": schema.Told, "description": "It was not known yet."}},
)
(TELL_EPISODE,) = router.routes
"""The route of an episode that is told, also where `server.short_way` takes it."""


@router.delete(
    "/provisional-episodes/{episode_id}",
    tags=["collector"],
    status_code=204,
    summary="Take back an episode while the night goes on",
)
def withdraw_episode(
    store: StoreInUse, live: LiveInUse, wearer: WearerInUse, episode_id: IdInPath
) -> None:
    if not store.write(lambda s: provisional.withdraw_episode(s, wearer, episode_id)):
        raise HTTPException(404, f"No provisional episode has the id {episode_id}.")
    live.events.publish(wearer, EventKind.EPISODE, PROVISIONAL)


@router.get(
    "/provisional-episodes",
    tags=["findings"],
    summary="Episodes as they were told at night, and what became of each, newest first",
)
def list_provisional(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[NightListing, Query()],
) -> schema.Page[schema.ProvisionalEpisode]:
    with store.reading() as session:
        zone = wearers.home(session, wearer)
        told = provisional.provisional_episodes(session, wearer, query.within)

    def place(each: provisional.StoredProvisional) -> Place:
        return each.onset_ns, each.id

    found = stretch(query, told, place, int, str)
    items = [schema.ProvisionalEpisode.of(each, zone) for each in found.items]
    return page(request, query, found, place, items)


@router.get(
    "/episodes/{episode_id}/answer", tags=["answers"], summary="What was said of an episode"
)
def get_answer(
    store: StoreInUse, wearer: WearerInUse, episode_id: IdInPath, response: Response
) -> schema.GivenAnswer:
    with store.reading() as session:
        given = _answer_of(session, wearer, episode_id)
    if given is None:
        raise HTTPException(404, f"The episode {episode_id} has no answer yet.")
    tagged(response, given)
    return given


@router.put(
    "/episodes/{episode_id}/answer",
    tags=["answers"],
    summary="Say whether it was a cramp; another answer takes its place",
    responses=CHANGED_RESPONSE,
)
def answer_episode(
    store: StoreInUse,
    live: LiveInUse,
    wearer: WearerInUse,
    speaker: Speaker,
    episode_id: IdInPath,
    answer: AnswerMessage,
    condition: ConditionInUse,
    response: Response,
    afterwards: BackgroundTasks,
) -> schema.GivenAnswer:
    def work(session: Session) -> tuple[bool, schema.GivenAnswer] | None:
        condition.require(_answer_of(session, wearer, episode_id))
        kept = answers.answer_episode(
            session,
            wearer,
            episode_id,
            answer.with_word(answer.said),
            given_ns=answer.said_ns(store.now_ns()),
            given_by=speaker,
        )
        if kept is None:
            return None
        # One that was given later stands in its place, be it taken back.
        return kept.is_news, _in_local_time(session, wearer, kept.given)

    outcome = store.write(work)
    if outcome is None:
        raise HTTPException(404, f"No episode has the id {episode_id}.")
    is_news, given = outcome
    afterwards.add_task(tell_of_answer, store, live, wearer, is_news=is_news)
    tagged(response, given)
    return given


@router.delete(
    "/episodes/{episode_id}/answer",
    tags=["answers"],
    status_code=204,
    summary="Take back what was said of an episode",
    responses=CHANGED_RESPONSE,
)
def remove_answer_of(
    store: StoreInUse,
    live: LiveInUse,
    wearer: WearerInUse,
    speaker: Speaker,
    episode_id: IdInPath,
    condition: ConditionInUse,
    afterwards: BackgroundTasks,
) -> None:
    def work(session: Session) -> answers.KeptAnswer | None:
        given = _answer_of(session, wearer, episode_id)
        condition.require(given)
        if given is None:
            return None
        return answers.remove_answer(
            session, wearer, given.id, given_ns=store.now_ns(), given_by=speaker
        )

    removed = store.write(work)
    if removed is None:
        raise HTTPException(404, f"The episode {episode_id} has no answer yet.")
    afterwards.add_task(tell_of_answer, store, live, wearer, is_news=removed.is_news)


@router.put(
    "/missed-cramps",
    tags=["answers"],
    summary="Tell of a cramp that was not found; the same instant again takes its place",
)
def add_missed(
    store: StoreInUse,
    live: LiveInUse,
    wearer: WearerInUse,
    speaker: Speaker,
    missed: MissedMessage,
    afterwards: BackgroundTasks,
) -> schema.GivenAnswer:
    kept = store.write(
        lambda session: answers.add_missed(
            session,
            wearer,
            missed.time_ns,
            missed.with_word(Said.YES),
            given_ns=missed.said_ns(store.now_ns()),
            given_by=speaker,
        )
    )
    afterwards.add_task(tell_of_answer, store, live, wearer, is_news=kept.is_news)
    return _given(store, wearer, kept.given)


@router.get("/answers", tags=["answers"], summary="What the wearer said, newest night first")
def list_answers(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[NightListing, Query()],
) -> schema.Page[schema.GivenAnswer]:
    with store.reading() as session:
        zone = wearers.home(session, wearer)
        given = answers.answers(session, wearer, query.within)

    def place(each: answers.GivenAnswer) -> Place:
        return (each.onset_ns,)

    found = stretch(query, given, place, int)
    items = [schema.GivenAnswer.of(each, zone) for each in found.items]
    return page(request, query, found, place, items)


@router.delete(
    "/answers/{answer_id}", tags=["answers"], status_code=204, summary="Take an answer back"
)
def remove_answer(
    store: StoreInUse,
    live: LiveInUse,
    wearer: WearerInUse,
    speaker: Speaker,
    answer_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    afterwards: BackgroundTasks,
) -> None:
    removed = store.write(
        lambda session: answers.remove_answer(
            session, wearer, answer_id, given_ns=store.now_ns(), given_by=speaker
        )
    )
    if removed is None:
        raise HTTPException(404, f"No answer has the id {answer_id}.")
    afterwards.add_task(tell_of_answer, store, live, wearer, is_news=removed.is_news)


def _answer_of(session: Session, wearer: str, episode_id: str) -> schema.GivenAnswer | None:
    """Give what was said of an episode, as it is answered.

    Raises
    ------
    HTTPException
        There is no such episode.
    """
    episode = queries.episode(session, wearer, episode_id)
    if episode is None:
        raise HTTPException(404, f"No episode has the id {episode_id}.")
    given = answers.answer_of(session, wearer, episode)
    return None if given is None else _in_local_time(session, wearer, given)


def _given(store: Store, wearer: str, given: answers.GivenAnswer) -> schema.GivenAnswer:
    with store.reading() as session:
        return _in_local_time(session, wearer, given)


def _in_local_time(session: Session, wearer: str, given: answers.GivenAnswer) -> schema.GivenAnswer:
    return schema.GivenAnswer.of(given, wearers.home(session, wearer))

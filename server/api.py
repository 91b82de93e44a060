"""The API, version 1, for whoever reads: what the store holds, typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Self, TypeVar

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from detector.night import Standing
from server import queries, schema, summary, wearers
from server.context import CallerInUse, StorableNight, StoreInUse, WearerAsked, WearerInUse
from server.nights import FIRST_NIGHT, LAST_NIGHT
from server.problems import PROBLEM_RESPONSES

__all__ = ["NightListing", "listed", "router"]

MAX_LIMIT = 366
"""Items in one answer at the most: a leap year of nights."""

MAX_OFFSET = 1_000_000
"""Items to leave out at the most: more than one person sleeps nights."""

T = TypeVar("T")

Bound = Annotated[date | None, Field(ge=FIRST_NIGHT, le=LAST_NIGHT)]


class Listing(BaseModel):
    """Which stretch of a list is wanted. A parameter that does not exist is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=30, ge=1, le=MAX_LIMIT, description="Items in one answer")
    offset: int = Field(default=0, ge=0, le=MAX_OFFSET, description="Items to leave out")
    wearer: WearerAsked = None


class NightListing(Listing):
    """A list within a range of nights, both ends included."""

    first: Bound = Field(default=None, alias="from", description="First night")
    until: Bound = Field(default=None, description="Last night")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.until and self.first > self.until:
            raise ValueError("'from' has to be a night before 'until', or the same")
        return self

    @property
    def within(self) -> queries.Nights:
        """The range of nights."""
        return self.first, self.until


class EpisodeListing(NightListing):
    """A list of episodes."""

    standing: Standing | None = Field(default=None, description="Only those of this standing")


UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Whoever sent `If-None-Match` has this answer already."}
}

router = APIRouter(prefix="/api/v1", responses={**UNCHANGED, **PROBLEM_RESPONSES})


@router.get("/nights", tags=["nights"], summary="The recorded nights, newest first")
def list_nights(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[NightListing, Query()],
) -> schema.Page[schema.Night]:
    with store.reading() as session:
        found = queries.nights(
            session, wearer, query.within, limit=query.limit, offset=query.offset
        )
        nights = summary.figures(session, wearer, found.items)
    items = [schema.Night.model_validate(night) for night in nights]
    return _page(request, query, items, found.total)


@router.get("/nights/{night}", tags=["nights"], summary="All of one night")
def get_night(store: StoreInUse, wearer: WearerInUse, night: StorableNight) -> schema.NightDetail:
    morning = summary.morning(store, wearer, night)
    if morning is None:
        raise HTTPException(404, f"The night of {night} is not recorded here.")
    return schema.NightDetail.of(morning)


@router.get("/recordings", tags=["recordings"], summary="The recordings, newest first")
def list_recordings(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[NightListing, Query()],
) -> schema.Page[schema.Recording]:
    with store.reading() as session:
        found = queries.recordings(
            session, wearer, query.within, limit=query.limit, offset=query.offset
        )
    items = [schema.Recording.model_validate(each) for each in found.items]
    return _page(request, query, items, found.total)


@router.get("/recordings/{recording_id}", tags=["recordings"], summary="All of one recording")
def get_recording(
    store: StoreInUse, wearer: WearerInUse, recording_id: str
) -> schema.RecordingDetail:
    with store.reading() as session:
        stored = queries.recording(session, wearer, recording_id)
        if stored is None:
            raise HTTPException(404, f"No recording has the id {recording_id}.")
        return schema.RecordingDetail.with_findings(
            stored,
            queries.awakenings(session, wearer, recording_id=recording_id),
            queries.episodes(session, wearer, recording_id=recording_id),
            queries.marks(session, wearer, recording_id=recording_id),
            queries.faults(session, wearer, recording_id=recording_id).items[::-1],
        )


@router.get("/episodes", tags=["findings"], summary="The cramp-like awakenings, newest first")
def list_episodes(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[EpisodeListing, Query()],
) -> schema.Page[schema.Episode]:
    """List what two recordings of a night both saw once."""
    with store.reading() as session:
        found = [
            schema.Episode.model_validate(episode)
            for episode in reversed(summary.episodes(session, wearer, query.within))
            if query.standing in (None, episode.standing)
        ]
    return listed(request, query, found)


@router.get("/episodes/{episode_id}", tags=["findings"], summary="One cramp-like awakening")
def get_episode(store: StoreInUse, wearer: WearerInUse, episode_id: str) -> schema.Episode:
    with store.reading() as session:
        found = queries.episode(session, wearer, episode_id)
    if found is None:
        raise HTTPException(404, f"No episode has the id {episode_id}.")
    return schema.Episode.model_validate(found)


@router.get("/faults", tags=["faults"], summary="What was wrong with each recording, newest first")
def list_faults(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[NightListing, Query()],
) -> schema.Page[schema.Fault]:
    with store.reading() as session:
        found = queries.faults(
            session, wearer, query.within, limit=query.limit, offset=query.offset
        )
    items = [schema.Fault.model_validate(each) for each in found.items]
    return _page(request, query, items, found.total)


@router.get("/models", tags=["models"], summary="The models that judged here")
def list_models(
    request: Request, store: StoreInUse, wearer: WearerInUse, query: Annotated[Listing, Query()]
) -> schema.Page[schema.ModelInUse]:
    with store.reading() as session:
        found = queries.models(session, wearer, limit=query.limit, offset=query.offset)
    items = [schema.ModelInUse.model_validate(each) for each in found.items]
    return _page(request, query, items, found.total)


@router.get("/wearers", tags=["wearers"], summary="Whose nights are kept here")
def list_wearers(
    request: Request, store: StoreInUse, caller: CallerInUse, query: Annotated[Listing, Query()]
) -> schema.Page[schema.Wearer]:
    with store.reading() as session:
        everybody = wearers.everybody(session)
    found = [each for each in everybody if caller.wearer in (None, each.id)]
    return listed(request, query, [schema.Wearer.model_validate(each) for each in found])


@router.get("/devices", tags=["devices"], summary="The wearables that recorded, the last first")
def list_devices(
    request: Request, store: StoreInUse, wearer: WearerInUse, query: Annotated[Listing, Query()]
) -> schema.Page[schema.Device]:
    with store.reading() as session:
        found = wearers.devices(session, wearer)
    return listed(request, query, [schema.Device.of(each) for each in found])


def listed(request: Request, query: Listing, found: Sequence[T]) -> schema.Page[T]:
    """Answer with the stretch of a list that is wanted."""
    wanted = found[query.offset : query.offset + query.limit]
    return _page(request, query, wanted, len(found))


def _page(request: Request, query: Listing, items: Iterable[T], total: int) -> schema.Page[T]:
    offset = query.offset + query.limit
    onward = request.url.include_query_params(limit=query.limit, offset=offset)
    return schema.Page(
        items=list(items),
        total=total,
        limit=query.limit,
        offset=query.offset,
        next=f"{onward.path}?{onward.query}" if offset < min(total, MAX_OFFSET) else None,
    )

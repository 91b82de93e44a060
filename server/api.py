"""The API, version 1, for whoever reads: what the store holds, typed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import Field

from detector.night import Standing
from server import queries, schema, summary
from server.context import IdInPath, StorableNight, StoreInUse, WearerInUse
from server.cursors import Place
from server.listing import Listing, RecordedListing, page, stretch
from server.problems import PROBLEM_RESPONSES
from server.stored import StoredEpisode, StoredModel

__all__ = ["router"]


class EpisodeListing(RecordedListing):
    """A list of episodes."""

    standing: Standing | None = Field(default=None, description="Only those of this standing")


router = APIRouter(prefix="/api/v1", responses=PROBLEM_RESPONSES)


@router.get("/nights", tags=["nights"], summary="The recorded nights, newest first")
def list_nights(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[RecordedListing, Query()],
) -> schema.Page[schema.Night]:
    before = query.before_night()
    with store.reading() as session:
        found = queries.nights(
            session,
            wearer,
            query.within,
            timezone=query.timezone,
            limit=query.limit,
            before=before,
        )
        nights = summary.figures(session, wearer, found.items)
    items = [schema.Night.model_validate(night) for night in nights]
    return page(request, query, found, lambda night: (night.isoformat(),), items)


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
    query: Annotated[RecordedListing, Query()],
) -> schema.Page[schema.Recording]:
    after = query.after(int, str)
    with store.reading() as session:
        found = queries.recordings(
            session,
            wearer,
            query.within,
            timezone=query.timezone,
            limit=query.limit,
            after=after,
        )
    items = [schema.Recording.model_validate(each) for each in found.items]
    return page(request, query, found, lambda each: (each.start_ns, each.id), items)


@router.get("/recordings/{recording_id}", tags=["recordings"], summary="All of one recording")
def get_recording(
    store: StoreInUse, wearer: WearerInUse, recording_id: IdInPath
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
        told = summary.episodes(session, wearer, query.within)
    wanted = [
        each
        for each in told
        if query.standing in (None, each.standing) and query.timezone in (None, each.timezone)
    ]
    found = stretch(query, wanted, _episode_place, int, str)
    items = [schema.Episode.model_validate(each) for each in found.items]
    return page(request, query, found, _episode_place, items)


@router.get("/episodes/{episode_id}", tags=["findings"], summary="One cramp-like awakening")
def get_episode(store: StoreInUse, wearer: WearerInUse, episode_id: IdInPath) -> schema.Episode:
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
    query: Annotated[RecordedListing, Query()],
) -> schema.Page[schema.Fault]:
    after = query.after(int, int, str, str)
    with store.reading() as session:
        found = queries.faults(
            session,
            wearer,
            query.within,
            timezone=query.timezone,
            limit=query.limit,
            after=after,
        )
    items = [schema.Fault.model_validate(each) for each in found.items]
    return page(
        request,
        query,
        found,
        lambda each: (each.start_ns, each.end_ns, each.kind.value, each.recording_id),
        items,
    )


@router.get("/models", tags=["models"], summary="The models that judged here")
def list_models(
    request: Request, store: StoreInUse, wearer: WearerInUse, query: Annotated[Listing, Query()]
) -> schema.Page[schema.ModelInUse]:
    with store.reading() as session:
        models = queries.models(session, wearer)
    found = stretch(query, models, _model_place, str, str, newest_first=False)
    items = [schema.ModelInUse.model_validate(each) for each in found.items]
    return page(request, query, found, _model_place, items)


def _episode_place(episode: StoredEpisode) -> Place:
    return episode.start_ns, episode.id


def _model_place(model: StoredModel) -> Place:
    return model.name, model.version

"""What is asked by whoever keeps the server running: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from server import schema
from server.context import Context, StoreInUse
from server.metrics import Metrics
from server.readiness import checks

__all__ = ["router"]

router = APIRouter()

NOT_READY = 503


@router.get("/healthz", tags=["health"], summary="Whether the process answers, and nothing else")
async def get_health() -> schema.Health:
    return schema.Health(status="ok")


@router.get(
    "/readyz",
    tags=["health"],
    summary="Whether the server can do its work, by each thing that it needs",
    responses={NOT_READY: {"model": schema.Readiness, "description": "It cannot."}},
)
def get_readiness(request: Request, store: StoreInUse, response: Response) -> schema.Readiness:
    context: Context = request.app.state.context
    found = checks(store, context.data_dir)
    ready = all(each.passed for each in found)
    if not ready:
        response.status_code = NOT_READY
    return schema.Readiness(
        ready=ready,
        checks={each.name: schema.Check(ok=each.passed, problem=each.problem) for each in found},
    )


@router.get("/metrics", include_in_schema=False)
def get_metrics(request: Request, store: StoreInUse) -> Response:
    """Give figures for Prometheus, without anything of somebody's health."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.exposition(store), media_type=metrics.media_type)

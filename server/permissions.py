"""Who may ask for what: the one table in which every route of the server has to stand.

A route that does not stand here is the owner's alone, and a test says that it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from server.kept_tables import Role

__all__ = [
    "ANYBODY",
    "CARERS",
    "COLLECTORS",
    "EVERYBODY_KNOWN",
    "OWNER_ALONE",
    "PERMISSIONS",
    "WATCHERS",
    "Routes",
    "is_route",
    "who_may",
]

Allowed: TypeAlias = frozenset[Role | None]
"""Who may ask; None stands for whoever is not known. All but the owner may only ask for what is of
their own wearer: `server.login` sees to that for every route."""

OWNER_ALONE: Allowed = frozenset({Role.OWNER})
CARERS: Allowed = OWNER_ALONE | {Role.CARER}
"""They read, and acknowledge alerts."""
COLLECTORS: Allowed = OWNER_ALONE | {Role.COLLECTOR}
"""They write the nights of their wearer."""
WATCHERS: Allowed = CARERS | COLLECTORS
EVERYBODY_KNOWN: Allowed = frozenset(Role)
ANYBODY: Allowed = EVERYBODY_KNOWN | {None}

PERMISSIONS: dict[str, Allowed] = {
    # Without a login: whether the server is up, what a page looks like, and the ways in.
    "GET /healthz": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /static": ANYBODY,
    "GET /static/bokeh/{installed}/{name}": ANYBODY,
    "GET /login": ANYBODY,
    "POST /login": ANYBODY,
    "POST /logout": ANYBODY,
    "POST /language": ANYBODY,
    # The secret in the address is what it takes.
    "GET /shared/{secret}": ANYBODY,
    # What is told to whoever was refused, and says nothing of anybody.
    "GET /api/v1/problems/{name}": ANYBODY,
    "GET /shared/{secret}/{file}": ANYBODY,
    # It counts what is of all wearers.
    "GET /metrics": OWNER_ALONE,
    # Pages
    "GET /": CARERS,
    "GET /nights/{night}": CARERS,
    "GET /nights/{night}/picture": CARERS,
    "POST /alerts/{alert_id}/acknowledge": CARERS,
    "POST /episodes/{episode_id}/answer": OWNER_ALONE,
    "POST /nights/{night}/missed": OWNER_ALONE,
    "POST /nights/{night}/trips/{onset_ns}": OWNER_ALONE,
    "POST /answers/{answer_id}": OWNER_ALONE,
    "GET /calendar": CARERS,
    "GET /together": CARERS,
    "GET /trial": CARERS,
    "POST /trial/{trial_id}": OWNER_ALONE,
    "POST /trial/{trial_id}/stop": OWNER_ALONE,
    "GET /diary": CARERS,
    "GET /diary/days/{day}": CARERS,
    "POST /diary/days/{day}": OWNER_ALONE,
    "GET /diary/standing": CARERS,
    "POST /diary/standing/{fact_id}": OWNER_ALONE,
    "GET /service-worker.js": CARERS,
    "GET /guide": EVERYBODY_KNOWN,
    "POST /guide": EVERYBODY_KNOWN,
    "GET /pairing": CARERS,
    "GET /report": CARERS,
    "GET /report/{file}": CARERS,
    # Who else reads of the wearer is the owner's to decide.
    "POST /report": OWNER_ALONE,
    "POST /report/links/{share_id}/end": OWNER_ALONE,
    # Of the channels, those of their own.
    "GET /settings": CARERS,
    "POST /settings/language": OWNER_ALONE,
    "POST /settings/season": OWNER_ALONE,
    "GET /settings/learning": OWNER_ALONE,
    "POST /settings/learning": OWNER_ALONE,
    "POST /settings/test": CARERS,
    "POST /settings/channels": CARERS,
    "POST /settings/channels/{channel_id}": CARERS,
    "POST /settings/channels/{channel_id}/forget": CARERS,
    "GET /account": CARERS,
    "POST /account/log-out-everywhere": CARERS,
    # The API, to read
    "GET /api/v1/openapi.json": EVERYBODY_KNOWN,
    "GET /api/v1/nights": CARERS,
    "GET /api/v1/nights/{night}": CARERS,
    "GET /api/v1/nights/{night}/curves": CARERS,
    "GET /api/v1/recordings": CARERS,
    "GET /api/v1/recordings/{recording_id}": CARERS,
    "GET /api/v1/episodes": CARERS,
    "GET /api/v1/episodes/{episode_id}": CARERS,
    "GET /api/v1/provisional-episodes": CARERS,
    "GET /api/v1/episodes/{episode_id}/answer": CARERS,
    "GET /api/v1/answers": CARERS,
    "GET /api/v1/diary": CARERS,
    "GET /api/v1/diary/{entry_id}": CARERS,
    "GET /api/v1/trends": CARERS,
    "GET /api/v1/trends/usual": CARERS,
    "GET /api/v1/associations": CARERS,
    "GET /api/v1/trial-power": CARERS,
    "GET /api/v1/trials": CARERS,
    "GET /api/v1/trials/{trial_id}": CARERS,
    "GET /api/v1/faults": CARERS,
    "GET /api/v1/models": CARERS,
    "GET /api/v1/wearers": CARERS,
    "GET /api/v1/wearers/{wearer_id}": CARERS,
    "GET /api/v1/devices": CARERS,
    "GET /api/v1/alerts": CARERS,
    "GET /api/v1/events": CARERS,
    "GET /api/v1/live": WATCHERS,
    "GET /api/v1/adjustment": WATCHERS,
    # Whoever sent a recording asks how far it is.
    "GET /api/v1/uploads": WATCHERS,
    "GET /api/v1/uploads/{upload_id}": WATCHERS,
    "GET /api/v1/notices": OWNER_ALONE,
    "GET /api/v1/audit": OWNER_ALONE,
    # The API, to write
    "PUT /api/v1/recordings/{recording_id}/night": COLLECTORS,
    "PUT /api/v1/uploads/{upload_id}": COLLECTORS,
    "DELETE /api/v1/uploads/{upload_id}": COLLECTORS,
    "PUT /api/v1/live": COLLECTORS,
    "PUT /api/v1/provisional-episodes/{episode_id}": COLLECTORS,
    "DELETE /api/v1/provisional-episodes/{episode_id}": COLLECTORS,
    "PUT /api/v1/episodes/{episode_id}/answer": OWNER_ALONE,
    "DELETE /api/v1/episodes/{episode_id}/answer": OWNER_ALONE,
    "PUT /api/v1/missed-cramps": OWNER_ALONE,
    "DELETE /api/v1/answers/{answer_id}": OWNER_ALONE,
    "PUT /api/v1/diary/{entry_id}": OWNER_ALONE,
    "DELETE /api/v1/diary/{entry_id}": OWNER_ALONE,
    "PUT /api/v1/trials/{trial_id}": OWNER_ALONE,
    "POST /api/v1/trials/{trial_id}/stop": OWNER_ALONE,
    "PUT /api/v1/wearers/{wearer_id}": OWNER_ALONE,
    "POST /api/v1/notices/test": CARERS,
    "PUT /api/v1/push-subscriptions": CARERS,
    "DELETE /api/v1/push-subscriptions/{subscription_id}": CARERS,
    "POST /api/v1/alerts/{alert_id}/seen": CARERS,
    "POST /api/v1/alerts/{alert_id}/acknowledge": CARERS,
}
"""Who may ask, by the method and the path of the route."""


def is_route(text: str) -> bool:
    """Tell whether a text names a route as the table does."""
    return text in PERMISSIONS


def who_may(route: str | None) -> Allowed:
    """Give who may ask for a route; None stands for none, which whoever is known may hear."""
    return EVERYBODY_KNOWN if route is None else PERMISSIONS.get(route, OWNER_ALONE)


class Routes:
    """The routes of an application, to be found as its router finds them: the first that matches.

    Before the router itself, so that nothing of a request is read for who may not ask.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._known = [
            (route.path_regex, frozenset(route.methods or ()), str(route.path))
            for route in iter_route_contexts(routes)
        ]

    def __iter__(self) -> Iterator[str]:
        """Give each as the table has it; a folder of files is there to be read."""
        for _, methods, path in self._known:
            for method in sorted(methods - {"HEAD"} or {"GET"}):
                yield f"{method} {path}"

    def find(self, method: str, path: str) -> str | None:
        """Give the route of a request as the table has it; None where there is none."""
        # A path that is there for other methods alone is answered by the router: 405.
        for regex, methods, template in self._known:
            if (not methods or method in methods) and regex.match(path):
                return f"{'GET' if method == 'HEAD' else method} {template}"
        return None

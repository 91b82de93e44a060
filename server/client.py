"""A small typed client of the API, for a collector that stands elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Self

import httpx

from detector.night import Night
from ingest.errors import ModelError, NoAnswerError, ServerError
from server.settings import is_token
from server.wire import PROBLEM_JSON, LiveReport, Saved, dump_live, dump_night

if TYPE_CHECKING:
    from detector.personal import Personal
    from server.provisional import ProvisionalEpisode
    from server.schema import Tonight

__all__ = ["EPISODES", "ServerClient"]

EPISODES = "/api/v1/provisional-episodes"
"""Where episodes are told of while the night goes on."""

TIMEOUT_S = 10.0
"""Seconds that an answer is waited for: a home network answers in less than one."""

REFUSED_STATUS = frozenset({413, 422})
"""What crampwatch answers to a night that no later attempt will change. Any other answer may be
another an hour later, when a setting was put right or the right server is up."""


class ServerClient:
    """Talks to one server.

    Parameters
    ----------
    url
        Where it is, as ``http://pi.local:8321``.
    token
        One that ``crampwatch tokens add`` made there.
    wearer
        Whose nights they are, by an id of that server; None for its only wearer.
    transport
        For tests.

    Raises
    ------
    ServerError
        If one of them cannot be used.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        wearer: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = _require_address(url)
        headers = {"Authorization": f"Bearer {_require_token(token)}"} if token else {}
        self._client = httpx.Client(
            base_url=url,
            headers=headers,
            params={"wearer": wearer} if wearer else None,
            timeout=TIMEOUT_S,
            transport=transport,
        )

    def send_night(self, night: Night) -> Saved:
        """Hand over a judged night; handing it over again changes nothing.

        Raises
        ------
        ServerError
            If it was not taken.
        """
        answer = self._put(f"/api/v1/recordings/{night.id}/night", dump_night(night))
        try:
            return Saved(answer.json()["saved"])
        except (ValueError, KeyError, TypeError) as error:
            raise ServerError(
                f"What answers at {self.url} is not crampwatch, perhaps a page to log in. Check "
                "the address; what is kept here is sent when crampwatch answers there."
            ) from error

    def tonight(self) -> Tonight | None:
        """Ask how the night that goes on is doing; None where none does.

        Raises
        ------
        ServerError
            If there is no answer, or not that of crampwatch.
        """
        from server.schema import Tonight

        told = self._found("/api/v1/live")
        if told is None:
            return None
        try:
            return Tonight.model_validate_json(told)
        except ValueError as error:
            raise self._foreign() from error

    def tell(self, report: LiveReport) -> None:
        """Say how the night that goes on is doing.

        Raises
        ------
        ServerError
            If it was not heard.
        """
        self._put("/api/v1/live", dump_live(report))

    def tell_episode(self, episode: ProvisionalEpisode, timezone: str) -> None:
        """Tell of an episode of the night that goes on.

        Raises
        ------
        ServerError
            If it was not taken.
        """
        told = asdict(episode)
        name = told.pop("id")
        body = json.dumps(told | {"timezone": timezone}, allow_nan=False)
        self._put(f"{EPISODES}/{name}", body.encode())

    def withdraw_episode(self, episode_id: str) -> None:
        """Take back an episode of the night that goes on; one that is not there is none.

        Raises
        ------
        ServerError
            If it was not heard.
        """
        answer = self._send("DELETE", f"{EPISODES}/{episode_id}")
        if not (answer.status_code == 404 and _is_ours(answer)):
            self._require_success(answer)

    def adjustment(self) -> Personal | None:
        """Ask what the wearer's answers teach; None where nights are judged as for everybody.

        Raises
        ------
        ServerError
            If there is no answer, or not that of crampwatch.
        """
        from detector.personal import parse_personal

        told = self._found("/api/v1/adjustment")
        if told is None:
            return None
        try:
            return parse_personal(told)
        except ModelError as error:
            raise self._foreign() from error

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _found(self, path: str) -> bytes | None:
        """Read what is at an address; None where crampwatch says that there is nothing."""
        answer = self._send("GET", path)
        if answer.status_code == 404 and _is_ours(answer):
            return None
        self._require_success(answer)
        return answer.content

    def _foreign(self) -> ServerError:
        return ServerError(
            f"What answers at {self.url} is not crampwatch, or another version of it. Check "
            "the address, and bring both to the same version."
        )

    def _put(self, path: str, body: bytes) -> httpx.Response:
        try:
            answer = self._send("PUT", path, body)
        except NoAnswerError as error:
            raise NoAnswerError(f"{error} What is kept here is sent when it does.") from error
        self._require_success(answer)
        return answer

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        *,
        kind: str = "application/json",
    ) -> httpx.Response:
        headers = {} if body is None else {"Content-Type": kind}
        try:
            return self._client.request(method, path, content=body, headers=headers)
        except httpx.DecodingError as error:
            raise ServerError(
                f"What answers at {self.url} cannot be read, so it is not crampwatch. Check the "
                "address, and what stands between."
            ) from error
        except httpx.TransportError as error:
            raise NoAnswerError(
                f"The server {self.url} does not answer ({type(error).__name__})."
            ) from error

    def _require_success(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        raise ServerError(
            f"The server {self.url} refused ({answer.status_code}): {self._reason(answer)}",
            final=answer.status_code in REFUSED_STATUS and _is_ours(answer),
        )

    def _reason(self, answer: httpx.Response) -> str:
        if answer.status_code == 401:
            return (
                "make a token there with `crampwatch tokens add`, and set it here as "
                "CRAMPWATCH_TOKEN."
            )
        if answer.status_code == 400 and not _is_ours(answer):
            host = self._client.base_url.host
            return f"it does not go by the name {host}. Add that to CRAMPWATCH_NAMES of the server."
        try:
            return str(answer.json()["detail"])
        except (ValueError, KeyError, TypeError):
            return answer.reason_phrase


def _is_ours(answer: httpx.Response) -> bool:
    """Tell a refusal by crampwatch from one by a proxy on the way."""
    return str(answer.headers.get("content-type", "")).startswith(PROBLEM_JSON)


def _require_token(token: str) -> str:
    if not is_token(token):
        raise ServerError(
            "The token in CRAMPWATCH_TOKEN cannot be used: it has to be made of the letters, "
            "digits and signs of ASCII, as `crampwatch tokens add` prints it on the server.",
            final=True,
        )
    return token


def _require_address(url: str) -> str:
    if "@" in url:
        # It is not repeated: what stands before the @ may be a password.
        raise ServerError(
            "The address of the server cannot hold a name or a password. Write it as "
            "http://pi.local:8321, and give the token as CRAMPWATCH_TOKEN.",
            final=True,
        )
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ServerError(
            f"{url!r} is no address of a server. Write it as http://pi.local:8321.", final=True
        )
    return url

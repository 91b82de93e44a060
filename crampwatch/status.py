"""``crampwatch status``: what the night that goes on is doing, as its server shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from crampwatch.output import say
from ingest.collector.faults import OpenFault
from ingest.collector.machine import CONNECTED
from ingest.errors import NoAnswerError, SettingsError
from ingest.samples import NS_PER_S
from server import words
from server.client import ServerClient
from server.live import Tonight
from server.notices import sentence
from server.schema import Tonight as Answer
from server.settings import Settings
from server.wire import LinkReport, LiveReport

__all__ = ["show_status"]


def show_status(settings: Settings, server: str | None, *, as_json: bool) -> bool:
    """Print how the night that goes on is doing.

    Parameters
    ----------
    server
        The address of the server that shows it; that of this machine where None.

    Returns
    -------
    bool
        Whether a wearable is being recorded.

    Raises
    ------
    ServerError
        If a server that was named does not answer, or what answers is not crampwatch.
    SettingsError
        If there is no server to ask.
    """
    url = server or _here(settings)
    token = settings.token.get_secret_value() if settings.token else None
    nothing = f"Nothing is being recorded for {url}."
    with ServerClient(url, token, wearer=settings.wearer) as client:
        try:
            answer = client.tonight()
        except NoAnswerError as error:
            if server is not None:
                advice = "See whether it runs, and whether the address is right."
                raise NoAnswerError(f"{error} {advice}") from error
            answer = None
            nothing = (
                f"Nothing is being recorded here: no crampwatch answers at {url}. A night that is "
                "recorded for a server elsewhere is shown there; give its address."
            )
    recording = answer is not None and _is_recorded(answer)
    if as_json:
        told = {} if answer is None else answer.model_dump(mode="json")
        say(json.dumps({"recording": recording, **told}))
        return recording
    for line in [nothing] if answer is None else _lines(answer):
        say(line)
    return recording


def _here(settings: Settings) -> str:
    if settings.port == 0:
        raise SettingsError(
            "CRAMPWATCH_PORT is 0, so nobody knows on which port the night is shown. "
            "Give the address that `crampwatch night` said."
        )
    host = settings.host
    try:
        address = ip_address(host)
    except ValueError:
        return f"http://{host}:{settings.port}"
    if address.is_unspecified:
        host = "127.0.0.1"
    elif address.version == 6:
        host = f"[{host}]"
    return f"http://{host}:{settings.port}"


def _is_recorded(answer: Answer) -> bool:
    return not answer.silent and any(link.state in CONNECTED for link in answer.links)


def _lines(answer: Answer) -> Iterator[str]:
    report = LiveReport(_ns(answer.started), answer.timezone, tuple(answer.links))
    tonight = Tonight(report, answer.heard, answer.silent)
    yield words.tonight(tonight)
    if answer.silent:
        return
    yield f"At {words.clock(_ns(answer.heard), tonight.zone)}:"
    for link in answer.links:
        yield f"{link.device}: {words.link(link)}{_samples(link)}."
    for fault in answer.faults:
        yield sentence(OpenFault(fault.kind, fault.source, _ns(fault.start)), tonight.zone)
    if answer.adapter_resets:
        yield words.adapter_resets(answer.adapter_resets)
    if not _is_recorded(answer):
        yield "So nothing comes in at the moment; it is tried again all night."


def _samples(link: LinkReport) -> str:
    rate = f", {link.rate_hz:.1f} samples a second" if link.rate_hz else ""
    if link.last_sample_s is None:
        return rate
    return f"{rate}, the last sample {words.duration(link.last_sample_s)} old"


def _ns(when: datetime) -> int:
    return round(when.timestamp()) * NS_PER_S

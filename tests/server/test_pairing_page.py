from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from typer.main import get_command

from crampwatch.cli import app as command_line
from ingest.devices import wearables
from server import pairing_help
from server.wire import LinkReport, LiveReport, dump_live

if TYPE_CHECKING:
    from tests.server.conftest import Client


def test_every_wearable_that_can_be_spoken_to_is_helped_with() -> None:
    assert pairing_help.WEARABLES.keys() == wearables.WEARABLES.keys()


def test_an_empty_store_leads_to_the_help(client: Client) -> None:
    assert 'href="/pairing"' in client.get("/").text
    page = client.get("/pairing").text
    for each in pairing_help.WEARABLES.values():
        assert f"<h3>{each.name}</h3>" in page.replace("&#39;", "'")
    assert 'aria-label="Tonight"' not in page


def test_every_command_of_the_help_is_one(client: Client) -> None:
    known = get_command(command_line).commands  # type: ignore[attr-defined]
    page = client.get("/pairing").text
    named = re.findall(r"(?:<code>|command )crampwatch (\w+)", page)
    assert sorted(set(named)) == ["night", "pair", "scan"]
    assert set(named) <= known.keys()


def test_while_a_night_goes_on_the_help_shows_what_comes(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    link = LinkReport("PineTime", "streaming", 81, 9.9)
    client.put("/api/v1/live", dump_live(LiveReport(10**18, "Europe/Berlin", (link,), None)))
    assert "PineTime: recording" in client.get("/pairing").text.replace("\xa0", " ")

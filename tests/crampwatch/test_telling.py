from __future__ import annotations

from pathlib import Path

import pytest

from crampwatch.telling import tell_of_the_night
from server.settings import load_settings
from tests.crampwatch.conftest import Command
from tests.server.notify.conftest import Elsewhere
from tests.server.notify.conftest import elsewhere as elsewhere

TOLD = "The summary of last night is there to read. Open the page of crampwatch."


@pytest.fixture
def webhook(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """A server that is the webhook, and hours that are quiet at another time than the tests."""
    monkeypatch.setenv("CRAMPWATCH_WEBHOOK_URL", f"{elsewhere.url}/secret-path")
    monkeypatch.setenv("CRAMPWATCH_WEBHOOK_SECRET", "a secret of enough letters")
    monkeypatch.setenv("CRAMPWATCH_QUIET_HOURS", "12:00-12:01")
    return elsewhere


def test_without_a_channel_a_test_says_how_to_set_one(crampwatch: Command) -> None:
    outcome = crampwatch("notify", "test")
    assert (outcome.status, outcome.out) == (2, "")
    assert "No channel is set" in outcome.err
    assert "CRAMPWATCH_NOTICE_URLS" in outcome.err


def test_a_test_is_sent_now_and_says_what_came_of_it(
    crampwatch: Command, webhook: Elsewhere
) -> None:
    outcome = crampwatch("notify", "test")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == "Webhook (127.0.0.1): sent. See whether it arrives.\n"
    assert webhook.asked[0].json()["kind"] == "test"


def test_every_channel_is_tried_and_one_that_fails_is_told_by_the_status(
    crampwatch: Command, webhook: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook.status = 401
    monkeypatch.setenv("CRAMPWATCH_NOTICE_URLS", "ntfy://127.0.0.1:1/secret-topic")
    outcome = crampwatch("notify", "test")
    assert outcome.status == 1
    ntfy, hook = outcome.out.splitlines()
    assert ntfy.startswith("ntfy at 127.0.0.1 (")
    assert "not sent." in ntfy
    assert hook == "Webhook (127.0.0.1): not sent. The server there answered: 401 Unauthorized."
    assert "secret" not in outcome.out + outcome.err


def test_an_address_that_cannot_be_used_is_told_by_its_kind(
    crampwatch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRAMPWATCH_NOTICE_URLS", "ntfys://ntfy.sh/one nosuch://me:secret@host")
    outcome = crampwatch("notify", "test")
    assert outcome.status == 2
    assert "An address that begins with nosuch:// cannot be used" in outcome.err
    assert "secret" not in outcome.err


def test_a_night_that_is_over_is_told_of_once_and_listed(
    crampwatch: Command, webhook: Elsewhere, night: Path
) -> None:
    assert crampwatch("notices").out == "There was nothing to tell yet.\n"
    crampwatch("replay", night)
    for _ in range(2):
        tell_of_the_night(load_settings())
    (asked,) = webhook.asked
    assert (asked.json()["kind"], asked.json()["text"]) == ("morning", TOLD)
    outcome = crampwatch("notices")
    assert outcome.out.startswith("webhook, Last night: sent on ")
    assert len(outcome.out.splitlines()) == 1


def test_in_the_quiet_hours_a_night_that_is_over_is_not_told_of(
    crampwatch: Command, webhook: Elsewhere, night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRAMPWATCH_QUIET_HOURS", "12:01-12:00")
    crampwatch("replay", night)
    tell_of_the_night(load_settings())
    assert webhook.asked == []


def test_what_cannot_be_told_of_a_night_costs_no_more_than_a_sentence(
    crampwatch: Command, night: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    crampwatch("replay", night)
    monkeypatch.setenv("CRAMPWATCH_NOTICE_URLS", "nosuch://host")
    tell_of_the_night(load_settings())
    assert "nobody could be told of it: CRAMPWATCH_NOTICE_URLS" in capsys.readouterr().err

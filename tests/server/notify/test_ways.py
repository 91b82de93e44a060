"""Each way of sending, to a real server of its kind on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import logging
import re
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import http_ece
import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from py_vapid import Vapid02

from ingest.errors import ServerError, SettingsError
from server.live import Live
from server.notify.addresses import Addresses
from server.notify.by_url import ByURL, without_secrets
from server.notify.channels import PushKeys, add_browser, channels
from server.notify.ways import ways
from server.notify.web_push import WebPush, application_key
from server.notify.webhook import Webhook
from server.settings import load_settings
from server.store import Store
from tests.server.notify.conftest import Clock, Elsewhere, notice

SECRET = "a secret of enough letters"
DOCUMENT = Path(__file__).parents[3] / "docs" / "notices.md"


# By address


class Mailbox:
    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.refuses = False

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return "554 no letters from here"
        self.letters.append(envelope.content)
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail(mailbox: Mailbox) -> Iterator[str]:
    """The address of a mailbox at a real mail server."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"mailto://127.0.0.1:{controller.port}?from=pi@home.test&to=me@home.test"
    controller.stop()


def test_an_e_mail_arrives(mail: str, mailbox: Mailbox) -> None:
    ByURL(mail).send(notice("morning:2026-11-21", text="The summary is there; größer."))
    (letter,) = mailbox.letters
    message = message_from_bytes(letter, policy=default)
    assert message["subject"] == "crampwatch: Last night"
    assert (message["to"], "pi@home.test" in message["from"]) == ("me@home.test", True)
    body = message.get_body()
    assert body is not None
    assert body.get_content().strip() == "The summary is there; größer."


def test_a_mail_server_that_refuses_is_told_of(mail: str, mailbox: Mailbox) -> None:
    mailbox.refuses = True
    with pytest.raises(ServerError, match="554"):
        ByURL(mail).send(notice())


def test_a_server_that_speaks_as_ntfy_gets_the_text(elsewhere: Elsewhere) -> None:
    sender = ByURL(f"{elsewhere.url.replace('http', 'ntfy')}/nights")
    sender.send(notice("fault:off_wrist::1", text="Not worn."))
    (asked,) = elsewhere.asked
    message = asked.json()
    assert (message["topic"], message["title"], message["message"]) == (
        "nights",
        "crampwatch: The recording needs you",
        "Not worn.",
    )
    # Whoever shows it would load a picture from there.
    assert "://" not in (asked.body.decode() + " ".join(asked.headers.values()))


@pytest.fixture
def log_of_the_program() -> Iterator[io.StringIO]:
    """All that a program would log which logs everything."""
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def test_a_failure_says_why_without_the_secrets_and_nothing_is_logged(
    elsewhere: Elsewhere, log_of_the_program: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere.status = 403
    host = elsewhere.url.removeprefix("http://")
    sender = ByURL(f"ntfy://maria:hunter2secret@{host}/secret-topic")
    with pytest.raises(ServerError) as failed:
        sender.send(notice())
    shown = [str(failed.value), *sender.channels(None, "anna"), *sender.channels(None, "").values()]
    printed = capsys.readouterr()
    for text in (*shown, printed.out, printed.err, log_of_the_program.getvalue()):
        for secret in ("maria", "hunter2secret", "secret-topic"):
            assert secret not in text, text
    assert "403" in str(failed.value)


def test_channels_of_a_kind_are_told_apart_and_keep_their_names() -> None:
    def names(topic: str) -> dict[str, str]:
        return dict(ByURL(f"ntfys://ntfy.sh/{topic}").channels(None, "anna"))

    assert names("one") == names("one")
    assert not names("one").keys() & names("two").keys()
    ((name, shown),) = names("one").items()
    assert re.fullmatch(r"ntfys-[0-9a-f]{4}", name)
    assert re.fullmatch(r"ntfy at ntfy\.sh \([0-9a-f]{4}\)", shown)


@pytest.mark.parametrize("url", ["ntfys://", "ntfy://ntfy.sh", "ntfys://secret@ntfy.sh/"])
def test_an_address_of_ntfy_without_a_topic_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="has to name a topic") as refused:
        ByURL(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["nosuch://secret", "secret", "http://secret-word/x", "mailto://"])
def test_an_address_that_apprise_does_not_know_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="CRAMPWATCH_NOTICE_URLS") as refused:
        ByURL(url)
    assert "secret" not in str(refused.value)


PARTS = st.text("abcdefghijklmnopqrstuvwxyz0123456789%!-_~.", min_size=6, max_size=20).filter(
    lambda text: re.search(r"[a-z]", text) and "://" not in text
)


@given(PARTS, PARTS, PARTS)
def test_no_part_of_an_address_is_left_in_what_is_shown(
    user: str, password: str, topic: str
) -> None:
    url = f"ntfys://{user}:{password}@ntfy.example.org/{topic}"
    shown = without_secrets(f"error of {password} and {user} at ntfy.example.org: {topic}", url)
    told = shown.replace("ntfy.example.org", "").replace("***", "").split()
    assert user not in told
    assert password not in told
    assert topic not in told


def test_the_token_of_a_telegram_bot_is_struck_out_where_a_host_would_be() -> None:
    url = "tgram://123456789:abcdefg_hijklmnop/12345"
    shown = without_secrets("POST to api.telegram.org/bot123456789:abcdefg_hijklmnop failed", url)
    assert shown == "POST to api.telegram.org/bot123456789:*** failed"


# The webhook


@pytest.fixture
def webhook(elsewhere: Elsewhere, clock: Clock) -> Webhook:
    return Webhook(f"{elsewhere.url}/hook?key=in-the-address", SECRET, clock.ns)


def test_a_webhook_is_signed_over_its_time_and_body(
    webhook: Webhook, elsewhere: Elsewhere, clock: Clock
) -> None:
    webhook.send(notice("alert:7", text="Näheres auf der Seite."))
    (asked,) = elsewhere.asked
    assert asked.json() == {
        "id": "anna:alert:7",
        "wearer": "anna",
        "kind": "alert",
        "title": "An alert to read",
        "text": "Näheres auf der Seite.",
    }
    timestamp = asked.headers["crampwatch-timestamp"]
    assert timestamp == str(int(clock.now.timestamp()))
    assert asked.headers["crampwatch-id"] == "anna:alert:7"
    signed = f"{timestamp}.".encode() + asked.body
    by_hand = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert asked.headers["crampwatch-signature"] == f"v1={by_hand}"


def documented_check() -> Any:
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    found: dict[str, Any] = {}
    exec(example, found)
    return found["is_from_crampwatch"]


def test_the_documented_check_takes_what_is_sent_and_nothing_else(
    webhook: Webhook, elsewhere: Elsewhere, clock: Clock
) -> None:
    webhook.send(notice())
    (asked,) = elsewhere.asked
    is_ours = documented_check()
    now_s = int(clock.now.timestamp())
    assert is_ours(SECRET, asked.headers, asked.body, now_s)
    assert is_ours(SECRET, asked.headers, asked.body, now_s + 299)
    assert not is_ours(SECRET, asked.headers, asked.body, now_s + 301)
    assert not is_ours(SECRET, asked.headers, asked.body, now_s - 301)
    assert not is_ours(SECRET, asked.headers, asked.body + b" ", now_s)
    assert not is_ours("another secret altogether", asked.headers, asked.body, now_s)
    later = asked.headers | {"crampwatch-timestamp": str(now_s + 1)}
    assert not is_ours(SECRET, later, asked.body, now_s)
    assert not is_ours(SECRET, {}, asked.body, now_s)


@pytest.mark.parametrize(
    ("status", "said"), [(500, "500 Internal Server Error"), (302, "302 Found")]
)
def test_a_webhook_that_is_not_taken_says_so_without_its_address(
    webhook: Webhook, elsewhere: Elsewhere, status: int, said: str
) -> None:
    elsewhere.status = status
    with pytest.raises(ServerError, match=f"^The server there answered: {said}.$"):
        webhook.send(notice())
    assert len(elsewhere.asked) == 1
    assert webhook.channels(None, "anna") == {"webhook": "Webhook (127.0.0.1)"}


def test_a_webhook_where_nobody_listens_cannot_be_reached(clock: Clock) -> None:
    webhook = Webhook(f"http://127.0.0.1:{free_port()}/secret", SECRET, clock.ns)
    with pytest.raises(ServerError, match=r"^The server there cannot be reached\.$"):
        webhook.send(notice())


# Web push


class Browser:
    """Asks for notices and decrypts them, as RFC 8291 has it."""

    def __init__(self, endpoint: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = b"sixteen  letters"
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = PushKeys(endpoint, _text(point), _text(self._auth))

    def reads(self, body: bytes) -> dict[str, str]:
        opened = http_ece.decrypt(
            body, private_key=self._key, auth_secret=self._auth, version="aes128gcm"
        )
        found: dict[str, str] = json.loads(opened)
        return found


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def push(dated: Store, tmp_path: Path) -> WebPush:
    return WebPush(dated, application_key(tmp_path / "key.pem"), "mailto:me@example.org")


@pytest.fixture
def browser(dated: Store, elsewhere: Elsewhere) -> Browser:
    browser = Browser(f"{elsewhere.url}/push/secret-of-the-browser")
    dated.write(
        lambda session: add_browser(session, "anna", None, "Phone", browser.keys, added_ns=1)
    )
    return browser


def channel_of(store: Store, push: WebPush) -> str:
    with store.reading() as session:
        ((name, shown),) = push.channels(session, "anna").items()
    assert shown == "Phone"
    return name


def test_a_browser_reads_what_it_is_pushed_and_nobody_else_could(
    dated: Store, push: WebPush, browser: Browser, elsewhere: Elsewhere
) -> None:
    push.send(notice("fault:x", channel=channel_of(dated, push), text="Nicht getragen: größer"))
    (asked,) = elsewhere.asked
    assert browser.reads(asked.body) == {
        "title": "crampwatch: The recording needs you",
        "text": "Nicht getragen: größer",
        "tag": "fault:x",
    }
    assert b"getragen" not in asked.body
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert (asked.headers["ttl"], asked.headers["urgency"]) == ("3600", "high")


def test_a_push_service_can_check_who_sends_and_whom_to_ask(
    dated: Store, push: WebPush, browser: Browser, elsewhere: Elsewhere, clock: Clock
) -> None:
    push.send(notice(channel=channel_of(dated, push)))
    authorization = elsewhere.asked[0].headers["authorization"]
    found = re.fullmatch(r"vapid t=([^,]+),k=(.+)", authorization)
    assert found
    assert found[2] == push.public_key
    assert Vapid02.verify(authorization)
    claims = json.loads(base64.urlsafe_b64decode(found[1].split(".")[1] + "=="))
    assert claims["aud"] == elsewhere.url
    assert claims["sub"] == "mailto:me@example.org"
    assert 0 < claims["exp"] - clock.now.timestamp() <= 24 * 3600


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_wants_no_more_is_forgotten(
    dated: Store, push: WebPush, browser: Browser, elsewhere: Elsewhere, status: int
) -> None:
    elsewhere.status = status
    channel = channel_of(dated, push)
    with pytest.raises(ServerError, match="does not want") as gone:
        push.send(notice(channel=channel))
    assert gone.value.final
    with dated.reading() as session:
        assert channels(session, "anna") == ()
    with pytest.raises(ServerError, match="not told of that any more") as unknown:
        push.send(notice(channel=channel))
    assert unknown.value.final


def test_a_browser_whose_key_is_no_point_is_told_of_and_not_tried_again(
    dated: Store, push: WebPush, browser: Browser, elsewhere: Elsewhere
) -> None:
    keys = replace(browser.keys, p256dh=_text(b"\4" + b"\1" * 64))
    dated.write(lambda session: add_browser(session, "anna", None, "Phone", keys, added_ns=1))
    with pytest.raises(ServerError, match="keys of this browser cannot be used") as failed:
        push.send(notice(channel=channel_of(dated, push)))
    assert failed.value.final
    assert elsewhere.asked == []


def test_a_push_service_that_is_busy_is_asked_again_later(
    dated: Store, push: WebPush, browser: Browser, elsewhere: Elsewhere
) -> None:
    elsewhere.status = 429
    with pytest.raises(ServerError, match="429 Too Many Requests") as busy:
        push.send(notice(channel=channel_of(dated, push)))
    assert not busy.value.final
    assert "secret-of-the-browser" not in str(busy.value)


def test_the_key_of_the_server_stays_the_same_and_is_for_its_owner_alone(
    dated: Store, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "key.pem"
    keys = {WebPush(dated, application_key(path), "").public_key for _ in range(2)}
    assert len(keys) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("no key")
    with pytest.raises(SettingsError, match="Remove it to have a new one made"):
        application_key(path)


# What is set


def test_where_nothing_is_set_there_are_only_the_addresses_that_people_add(dated: Store) -> None:
    made = ways(load_settings())(dated, Live())
    assert [type(each) for each in made.senders] == [Addresses]
    assert made.home is None
    with dated.reading() as session:
        assert made.senders[0].channels(session, "anna") == {}


def test_every_way_that_is_set_is_made(dated: Store, tmp_path: Path) -> None:
    settings = load_settings(
        data_dir=tmp_path,
        notice_urls="ntfys://ntfy.sh/one  mailtos://me:pw@example.org ntfys://ntfy.sh/one",
        webhook_url="https://example.org/hook",
        webhook_secret=SECRET,
        push_contact="mailto:me@example.org",
        mqtt_url="mqtt://me:secret@broker.test",
    )
    made = ways(settings)(dated, Live())
    assert made.home is not None
    assert made.home.shown == "Home Assistant (MQTT at broker.test)"
    assert [type(each).__name__ for each in made.senders] == [
        "Addresses",
        "ByURL",
        "ByURL",
        "Webhook",
        "WebPush",
    ]

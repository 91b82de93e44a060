from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from ingest.errors import InputError, ServerError
from server.notify import reach
from server.notify.by_url import Service
from server.notify.reach import INSIDE, is_inside, outside_only, require_outside
from tests.server.notify.conftest import Elsewhere, notice

addresses_of = reach.addresses_of


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.178.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.251",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "fec0::1",
        "ff02::fb",
        "::ffff:192.168.0.1",
        "2002:c0a8:1::1",
        "/run/dbus/system_bus_socket",
    ],
)
def test_what_is_of_the_machine_or_its_network_is_inside(address: str) -> None:
    assert is_inside(address)


@pytest.mark.parametrize("address", ["159.203.148.75", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_what_is_of_the_internet_is_not(address: str) -> None:
    assert not is_inside(address)


def test_an_address_of_the_internet_that_is_this_machines_is_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Own(socket.socket):
        def bind(self, address: object) -> None:
            if address != ("159.203.148.75", 0):
                raise OSError("cannot assign requested address")

    monkeypatch.setattr("socket.socket", Own)
    assert is_inside("159.203.148.75")
    assert not is_inside("159.203.148.76")


@pytest.mark.parametrize(
    "written", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "[::1]"]
)
def test_however_this_machine_is_written_it_is_found(written: str) -> None:
    found = addresses_of(written)
    assert found
    assert all(map(is_inside, found))


@pytest.mark.parametrize("nowhere", ["a..b", "x" * 70 + ".example", ""])
def test_a_name_that_is_none_leads_nowhere_and_raises_nothing(nowhere: str) -> None:
    assert addresses_of(nowhere) in ([], addresses_of("localhost"))


def test_a_machine_is_refused_where_one_of_its_addresses_is_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = ["159.203.148.75", "192.168.0.2"]
    monkeypatch.setattr("server.notify.reach.addresses_of", lambda machine: both)
    with pytest.raises(InputError, match="leads to this machine or into its network"):
        require_outside("two.example.org")


# What goes out


def send(url: str) -> None:
    with outside_only():
        Service.at(url).send(notice())


def open_url(elsewhere: Elsewhere) -> str:
    return f"{elsewhere.url.replace('http', 'json')}/"


def test_nothing_is_sent_inside_whatever_its_name_was_when_it_was_added(
    elsewhere: Elsewhere,
) -> None:
    with pytest.raises(ServerError) as caught:
        send(open_url(elsewhere).replace("127.0.0.1", "localhost"))
    assert (str(caught.value), caught.value.final) == (INSIDE, False)
    assert elsewhere.asked == []


def test_the_owner_may_be_told_at_home(elsewhere: Elsewhere) -> None:
    Service.at(open_url(elsewhere)).send(notice())
    assert len(elsewhere.asked) == 1


@pytest.fixture
def only_the_second(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], bool]:
    """Have one loopback address stand for the internet, and another for the network at home."""

    def inside(address: str) -> bool:
        return address != "127.0.0.1"

    monkeypatch.setattr("server.notify.reach.is_inside", inside)
    return inside


@pytest.mark.usefixtures("only_the_second")
def test_a_redirection_leads_nowhere_inside(elsewhere: Elsewhere) -> None:
    elsewhere.status = 302
    elsewhere.location = elsewhere.url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(ServerError) as caught:
        send(open_url(elsewhere))
    assert str(caught.value) == INSIDE
    assert len(elsewhere.asked) == 1


@pytest.mark.usefixtures("only_the_second")
def test_what_fails_outside_keeps_its_own_reason(elsewhere: Elsewhere) -> None:
    elsewhere.status = 500
    with pytest.raises(ServerError) as caught:
        send(open_url(elsewhere))
    assert str(caught.value) != INSIDE
    assert len(elsewhere.asked) == 1


def test_other_threads_reach_what_they_did(elsewhere: Elsewhere) -> None:
    def work() -> None:
        Service.at(open_url(elsewhere)).send(notice())

    with outside_only():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(elsewhere.asked) == 1


@pytest.mark.parametrize(
    ("url", "machines"),
    [
        ("ntfys://ntfy.sh/topic", ("ntfy.sh",)),
        ("ntfys://[::1]/topic", ("::1",)),
        ("jsons://2130706433/", ("2130706433",)),
        ("gotifys://nas/token", ("nas",)),
        ("mailtos://me:pw@example.org?smtp=192.168.0.9", ("example.org", "192.168.0.9")),
        # A secret is looked up nowhere.
        ("ntfys://a-secret-topic", ()),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", ()),
    ],
)
def test_the_machines_of_an_address_are_known_but_for_what_may_be_a_secret(
    url: str, machines: tuple[str, ...]
) -> None:
    assert Service.at(url).machines == machines

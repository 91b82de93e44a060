"""With a real broker, at whose other end a client stands in the place of Home Assistant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from queue import Queue
from threading import Event
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from ingest.errors import ServerError
from server.alert_log import raise_alert
from server.figures import SIMULATOR
from server.live import Live
from server.notify.home_assistant import (
    AVAILABILITY,
    BIRTH,
    HomeAssistant,
    discovery,
    state,
    state_topic,
)
from server.notify.notifier import Notifier
from server.notify.ways import Ways
from server.settings import load_settings
from server.store import Store
from server.wearers import Wearer, choose_language
from server.wire import LinkReport, LiveReport
from tests.server.conftest import at
from tests.server.notify.broker import mosquitto, running_broker
from tests.server.notify.conftest import Clock

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

NIGHT = date(2026, 11, 21)
WITHIN_S = 20.0
"""Seconds until a test gives up on something that comes at once."""


@pytest.fixture
def live(clock: Clock) -> Live:
    return Live(clock, lambda: clock.now.timestamp())


# What is said


def said(store: Store, live: Live) -> dict[str, Any]:
    with store.reading() as session:
        return state(session, live, "anna", store.now_ns())


def test_last_night_is_told_in_numbers(dated: Store, live: Live, make_night: NightMaker) -> None:
    dated.save(make_night(NIGHT, episodes=2, possible=1), "anna")
    assert said(dated, live) == {
        "night": "2026-11-21",
        "episodes": 3,
        "likely": 2,
        "searched_h": 7.1,
        "alert": "OFF",
        "battery": None,
        "collector": None,
        "connected": None,
    }


def test_a_night_that_was_not_recorded_is_unknown_and_not_zero(dated: Store, live: Live) -> None:
    assert said(dated, live)["episodes"] is None
    assert said(dated, live)["searched_h"] is None


@pytest.mark.parametrize(("hours", "episodes"), [(2.5, None), (7.5, 0)])
def test_zero_is_only_said_of_a_night_that_was_searched(
    dated: Store, live: Live, make_night: NightMaker, hours: float, episodes: int | None
) -> None:
    dated.save(make_night(NIGHT, episodes=0, hours=hours), "anna")
    assert said(dated, live)["episodes"] == episodes


def test_a_simulation_is_nobodys_night(dated: Store, live: Live, make_night: NightMaker) -> None:
    night = make_night(NIGHT)
    dated.save(replace(night, info=replace(night.info, source=SIMULATOR)), "anna")
    assert said(dated, live)["episodes"] is None


def test_the_wearable_and_the_alert_are_told(dated: Store, live: Live, clock: Clock) -> None:
    links = (LinkReport("PineTime", "streaming", 81), LinkReport("Polar", "backing_off", 34))
    live.tell(LiveReport(at(NIGHT, "23:00"), "Europe/Berlin", links), "anna")
    dated.write(lambda session: raise_alert(session, "anna", "sudden", NIGHT, {}, at_ns=1))
    told = said(dated, live)
    assert (told["battery"], told["connected"], told["alert"]) == (34, "ON", "ON")
    assert told["collector"] == "ON"
    clock.forward(minutes=10)
    told = said(dated, live)
    assert (told["battery"], told["connected"], told["collector"]) == (None, "OFF", "OFF")


def test_every_entity_is_described_as_home_assistant_wants_it() -> None:
    told = discovery(Wearer("anna", "Anna", "Europe/Berlin"))
    assert sorted(told) == [
        "homeassistant/binary_sensor/crampwatch_anna/alert/config",
        "homeassistant/binary_sensor/crampwatch_anna/collector/config",
        "homeassistant/binary_sensor/crampwatch_anna/connected/config",
        "homeassistant/sensor/crampwatch_anna/battery/config",
        "homeassistant/sensor/crampwatch_anna/episodes/config",
        "homeassistant/sensor/crampwatch_anna/searched_h/config",
    ]
    assert len({each["unique_id"] for each in told.values()}) == len(told)
    for topic, config in told.items():
        what = topic.split("/")[3]
        assert config["value_template"] == f"{{{{ value_json.{what} }}}}"
        assert config["state_topic"] == "crampwatch/anna/state"
        assert config["availability_topic"] == AVAILABILITY
        assert config["device"]["identifiers"] == ["crampwatch_anna"]


# Over a broker


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    if mosquitto() is None:
        pytest.skip("no MQTT broker here, so nothing is published: install Debian's mosquitto")
    with running_broker() as port:
        yield port


class Listener:
    """A client that hears everything, as Home Assistant would."""

    def __init__(self, client: mqtt.Client) -> None:
        self.client = client
        self._heard: Queue[mqtt.MQTTMessage] = Queue()
        client.on_message = lambda client, userdata, message: self._heard.put(message)

    def until(self, topic: str, payload: str | None = None) -> mqtt.MQTTMessage:
        while True:
            message = self._heard.get(timeout=WITHIN_S)
            if message.topic == topic and payload in (None, message.payload.decode()):
                return message


@contextmanager
def listening(port: int) -> Iterator[Listener]:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    listener = Listener(client)
    subscribed = Event()
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.subscribe("#", qos=1)
    client.loop_start()
    assert subscribed.wait(WITHIN_S)
    yield listener
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def published(dated: Store, live: Live, port: int) -> Iterator[HomeAssistant]:
    home = HomeAssistant(dated, live, f"mqtt://127.0.0.1:{port}")
    notifier = Notifier(dated, live, load_settings(), Ways(home=home))
    notifier.start()
    yield home
    notifier.stop()


def test_whoever_comes_later_hears_how_things_are(
    dated: Store, make_night: NightMaker, published: HomeAssistant, port: int
) -> None:
    with listening(port) as first:
        first.until(AVAILABILITY, "online")
    dated.save(make_night(NIGHT, episodes=2), "anna")
    published.wake.set()
    with listening(port) as early:
        while json.loads(early.until(state_topic("anna")).payload)["episodes"] != 2:
            published.wake.set()
    # The broker has them in no order.
    with listening(port) as late:
        message = late.until(state_topic("anna"))
    assert message.retain
    assert json.loads(message.payload)["episodes"] == 2
    with listening(port) as later:
        assert later.until("homeassistant/sensor/crampwatch_anna/episodes/config").retain
    assert published.problem is None


def test_the_names_go_with_the_language_of_the_wearers_notices(
    dated: Store, published: HomeAssistant, port: int
) -> None:
    topic = "homeassistant/sensor/crampwatch_anna/episodes/config"
    with listening(port) as listener:
        english = json.loads(listener.until(topic).payload)
        dated.write(lambda session: choose_language(session, "anna", "de"))
        published.wake.set()
        # The first may come twice: as it was kept, and as it is told.
        while (told := json.loads(listener.until(topic).payload)) == english:
            published.wake.set()
    assert english["name"] == "Cramp-like awakenings last night"
    assert told["name"] == "Krampfähnliches Aufwachen letzte Nacht"
    assert told["unique_id"] == english["unique_id"]


def test_when_home_assistant_begins_it_is_told_all_anew(
    published: HomeAssistant, port: int
) -> None:
    with listening(port) as listener:
        listener.until(AVAILABILITY, "online")
        listener.client.publish(BIRTH, "online", qos=1)
        config = "homeassistant/sensor/crampwatch_anna/episodes/config"
        while listener.until(config).retain:
            pass
        listener.until(AVAILABILITY, "online")


def test_a_server_that_is_gone_without_a_word_is_said_to_be_gone_by_the_broker(
    dated: Store, live: Live, port: int
) -> None:
    home = HomeAssistant(dated, live, f"mqtt://127.0.0.1:{port}")
    home.start()
    with listening(port) as listener:
        assert home._answered.wait(WITHIN_S)
        home.look()
        listener.until(AVAILABILITY, "online")
        # As a power cut would: the connection breaks, and nobody comes back.
        home._client.loop_stop()
        connection = home._client.socket()
        assert connection is not None
        connection.close()
        listener.until(AVAILABILITY, "offline")


def test_a_server_that_stops_says_so(dated: Store, live: Live, port: int) -> None:
    home = HomeAssistant(dated, live, f"mqtt://127.0.0.1:{port}")
    with listening(port) as listener:
        home.check()
        listener.until(AVAILABILITY, "online")
        assert not listener.until(AVAILABILITY, "offline").retain


def test_a_test_beside_a_server_leaves_it_online_and_the_night_as_it_knows_it(
    dated: Store, live: Live, published: HomeAssistant, port: int
) -> None:
    links = (LinkReport("PineTime", "streaming", 81),)
    live.tell(LiveReport(at(NIGHT, "23:00"), "Europe/Berlin", links), "anna")
    published.wake.set()
    with listening(port) as listener:
        while json.loads(listener.until(state_topic("anna")).payload)["battery"] != 81:
            published.wake.set()
        HomeAssistant(dated, Live(), f"mqtt://127.0.0.1:{port}").check()
        while json.loads(listener.until(state_topic("anna")).payload)["battery"] is not None:
            pass
        listener.until(AVAILABILITY, "offline")
        assert json.loads(listener.until(state_topic("anna")).payload)["battery"] == 81
        listener.until(AVAILABILITY, "online")


def test_a_broker_that_wants_a_password_gets_it_or_says_no(
    dated: Store, live: Live, port: int
) -> None:
    with running_broker(password=("me", "p@ss/word")) as locked:
        HomeAssistant(dated, live, f"mqtt://me:p%40ss%2Fword@127.0.0.1:{locked}").check()
        wrong = HomeAssistant(dated, live, f"mqtt://me:wrong@127.0.0.1:{locked}")
        with pytest.raises(ServerError, match="The broker refuses: Not authorized") as refused:
            wrong.check()
    assert "wrong" not in str(refused.value)


def test_a_broker_that_is_not_there_is_said_so(dated: Store, live: Live) -> None:
    home = HomeAssistant(dated, live, "mqtt://127.0.0.1:1")
    with pytest.raises(ServerError, match=r"^The broker cannot be reached\.$"):
        home.check()

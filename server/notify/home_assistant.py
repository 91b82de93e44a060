"""Last night and the night that goes on for Home Assistant, over MQTT with its discovery.

What is published is kept by the broker (retained) and says how things are, so it needs no outbox:
whoever connects later gets the newest. If this server goes, the broker says so (last will).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from sqlalchemy.orm import Session

from ingest.errors import ServerError
from server import summary, wearers
from server.alerting import standing
from server.figures import NightState
from server.language import N_, _, speaking
from server.live import Live
from server.nights import ONE_DAY
from server.notify.sender import SEND_WITHIN_S
from server.store import Store
from server.wearer_day import today
from server.wearers import Wearer

__all__ = ["AVAILABILITY", "BIRTH", "HomeAssistant", "discovery", "state", "state_topic"]

AVAILABILITY = "crampwatch/status"
"""Topic that says whether this server is there: ``online`` or ``offline``."""

BIRTH = "homeassistant/status"
"""Topic on which Home Assistant says ``online`` when it has begun, and wants to know all anew."""

PORTS = {"mqtt": 1883, "mqtts": 8883}

LONGEST_WAIT_S = 120
"""Seconds between two attempts to reach a broker: one in the same house is back soon."""

REFUSED = N_("The broker refuses")

STREAMING = "streaming"
"""The state of a link over which a wearable is sending."""

TOLD = (NightState.FOUND, NightState.NONE_FOUND)
"""States of a night of which a number of awakenings may be given; else it is not known."""


class HomeAssistant:
    """A connection to a broker, made and kept by a thread of its own.

    Parameters
    ----------
    url
        ``mqtt://`` or ``mqtts://``, with a user and a password if the broker wants them.
    """

    def __init__(self, store: Store, live: Live, url: str) -> None:
        address = urlsplit(url)
        self._store = store
        self._live = live
        self._host = address.hostname or ""
        self._port = address.port or PORTS[address.scheme]
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(1, LONGEST_WAIT_S)
        self._client.will_set(AVAILABILITY, "offline", qos=1, retain=True)
        if address.scheme == "mqtts":
            self._client.tls_set()
        if address.username:
            self._client.username_pw_set(unquote(address.username), unquote(address.password or ""))
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._published: dict[str, str] = {}
        self._anew = threading.Event()
        self._answered = threading.Event()
        self.problem: str | None = N_("It is not connected yet.")
        self.wake = threading.Event()

    @property
    def shown(self) -> str:
        """What is shown of it."""
        return f"Home Assistant (MQTT at {self._host})"

    def start(self) -> None:
        """Begin to connect, and go on trying."""
        self._client.connect_async(self._host, self._port)
        self._client.loop_start()

    def stop(self) -> None:
        """Say that this server goes, and go."""
        if self._client.is_connected():
            told = self._client.publish(AVAILABILITY, "offline", qos=1, retain=True)
            told.wait_for_publish(2.0)
        self._client.disconnect()
        self._client.loop_stop()

    def look(self) -> None:
        """Publish what has changed, or everything to whoever is there anew."""
        if not self._client.is_connected():
            return
        if self._anew.is_set():
            self._anew.clear()
            self._published.clear()
        with self._store.reading() as session:
            messages = dict(self._messages(session))
        for topic, payload in messages.items():
            if self._published.get(topic) != payload:
                self._client.publish(topic, payload, qos=1, retain=True)
                self._published[topic] = payload

    def check(self) -> None:
        """Connect, publish everything and go.

        Raises
        ------
        ServerError
            The broker cannot be reached, or does not want this server.
        """
        self.start()
        try:
            if not self._answered.wait(SEND_WITHIN_S):
                raise ServerError(N_("The broker does not answer."))
            if self.problem is not None:
                raise ServerError(self.problem)
            self.look()
        finally:
            self.stop()

    def _messages(self, session: Session) -> Iterator[tuple[str, str]]:
        now_ns = self._store.now_ns()
        for wearer in wearers.everybody(session):
            with speaking(wearer.locale):
                configured = discovery(wearer)
            yield from ((topic, json.dumps(config)) for topic, config in configured.items())
            yield (
                state_topic(wearer.id),
                json.dumps(state(session, self._live, wearer.id, now_ns)),
            )
        yield AVAILABILITY, "online"

    def _on_connect(
        self,
        client: mqtt.Client,
        userdata: object,
        flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self.problem = f"{REFUSED}: {reason}."
            self._answered.set()
            return
        self.problem = None
        client.subscribe([(BIRTH, 1), (AVAILABILITY, 1)])
        self._anew.set()
        self._answered.set()
        self.wake.set()

    def _on_connect_fail(self, client: mqtt.Client, userdata: object) -> None:
        self.problem = N_("The broker cannot be reached.")
        self._answered.set()

    def _on_disconnect(
        self,
        client: mqtt.Client,
        userdata: object,
        flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if self.problem is None:
            self.problem = N_("The broker is out of reach.")

    def _on_message(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        # A test, and whatever else was there beside this server, says that it goes.
        gone = message.topic == AVAILABILITY and message.payload == b"offline"
        begun = message.topic == BIRTH and message.payload == b"online"
        if gone or begun:
            self._anew.set()
            self.wake.set()


def state_topic(wearer: str) -> str:
    """Name the topic that says how it is with a wearer."""
    return f"crampwatch/{wearer}/state"


def state(session: Session, live: Live, wearer: str, now_ns: int) -> dict[str, Any]:
    """Say how it is with a wearer; null is what is not known.

    ``episodes`` is not known of a night that was not recorded, or of which too little was searched
    to say that there were none.
    """
    night = today(session, wearer, now_ns) - ONE_DAY
    morning = summary.morning_in(session, wearer, night)
    figures = None if morning is None or morning.simulated else morning.figures
    told = figures is not None and figures.state in TOLD
    tonight = live.tonight(wearer)
    links = () if tonight is None or tonight.silent else tonight.report.links
    batteries = [each.battery_percent for each in links if each.battery_percent is not None]
    connected = any(each.state == STREAMING for each in links)
    return {
        "night": night.isoformat(),
        "episodes": figures.likely + figures.possible if figures is not None and told else None,
        "likely": figures.likely if figures is not None and told else None,
        "searched_h": None if figures is None else round(figures.searched_s / 3600, 1),
        "alert": "ON" if standing(session, wearer) else "OFF",
        "battery": min(batteries, default=None),
        "collector": None if tonight is None else "OFF" if tonight.silent else "ON",
        "connected": None if tonight is None else "ON" if connected else "OFF",
    }


def discovery(wearer: Wearer) -> Mapping[str, Mapping[str, Any]]:
    """Describe to Home Assistant what `state` says of a wearer: a configuration by its topic.

    The names are in the language that is spoken.
    """
    device = {
        "identifiers": [f"crampwatch_{wearer.id}"],
        "name": f"Crampwatch {wearer.name}",
        "manufacturer": "crampwatch",
    }
    entities: Mapping[tuple[str, str], Mapping[str, str]] = {
        ("sensor", "episodes"): {
            "name": _("Cramp-like awakenings last night"),
            "unit_of_measurement": _("awakenings"),
            "icon": "mdi:sleep",
            "json_attributes_topic": state_topic(wearer.id),
        },
        ("sensor", "searched_h"): {
            "name": _("Sleep searched last night"),
            "unit_of_measurement": "h",
            "device_class": "duration",
        },
        ("binary_sensor", "alert"): {
            "name": _("Frequency alert"),
            "icon": "mdi:information-outline",
        },
        ("sensor", "battery"): {
            "name": _("Wearable battery"),
            "unit_of_measurement": "%",
            "device_class": "battery",
        },
        ("binary_sensor", "connected"): {
            "name": _("Wearable"),
            "device_class": "connectivity",
        },
        ("binary_sensor", "collector"): {
            "name": _("Collector"),
            "device_class": "connectivity",
        },
    }
    return {
        f"homeassistant/{component}/crampwatch_{wearer.id}/{what}/config": {
            **entity,
            "unique_id": f"crampwatch_{wearer.id}_{what}",
            "state_topic": state_topic(wearer.id),
            "value_template": f"{{{{ value_json.{what} }}}}",
            "availability_topic": AVAILABILITY,
            "device": device,
        }
        for (component, what), entity in entities.items()
    }

"""Every kind of frame that can be decoded, by the name it has in a file of vectors.

A new wearable is one file beside this one and one line here for each kind of frame it sends; see
docs/new-wearable.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ingest.devices import heart_rate_service, infinitime, open_seizure_detector
from ingest.devices.polar_pmd import acceleration, control, delta, intervals, light
from ingest.errors import SettingsError

__all__ = ["DECODERS", "Decoder", "find_decoder"]


@dataclass(frozen=True, slots=True)
class Decoder:
    """How one kind of frame is decoded.

    Parameters
    ----------
    decode
        Takes the bytes, gives a frozen dataclass, and raises nothing but `DecodeError`.
    takes
        Keyword arguments of ``decode`` for what the device has said before.
    """

    decode: Callable[..., Any]
    takes: tuple[str, ...] = ()

    def __call__(self, data: bytes, context: Mapping[str, float] | None = None) -> Any:
        """Decode one frame, with whatever of ``context`` this kind takes."""
        taken = {name: value for name, value in (context or {}).items() if name in self.takes}
        return self.decode(data, **taken)


DECODERS: dict[str, Decoder] = {
    "hrs_2a37": Decoder(heart_rate_service.decode_measurement),
    "bas_2a19": Decoder(heart_rate_service.decode_battery_level),
    "pmd_acc": Decoder(acceleration.decode_acc, takes=("factor", "rate_hz", "previous_ns")),
    "pmd_ppi": Decoder(intervals.decode_ppi),
    "pmd_ppg": Decoder(light.decode_ppg),
    "pmd_delta_content_prefix": Decoder(delta.decode_prefix),
    "pmd_cp_command": Decoder(control.decode_command),
    "pmd_cp_response": Decoder(control.decode_response),
    "pmd_cp_stopped": Decoder(control.decode_stopped),
    "pmd_settings": Decoder(control.decode_settings),
    "pmd_feature_read": Decoder(control.decode_features),
    "infinitime_00030002": Decoder(infinitime.decode_motion),
    "osd_0001": Decoder(open_seizure_detector.decode_acceleration, takes=("format_code",)),
    "osd_0002": Decoder(open_seizure_detector.decode_battery),
    "osd_0003": Decoder(open_seizure_detector.decode_text),
    "osd_0004": Decoder(open_seizure_detector.decode_text),
    "osd_0005": Decoder(open_seizure_detector.decode_format),
    "osd_0006": Decoder(open_seizure_detector.decode_status),
}
"""The name of a kind, device or service and characteristic, and its decoder."""


def find_decoder(kind: str) -> Decoder:
    """Return the decoder of a kind.

    Raises
    ------
    SettingsError
        If there is none; it names the one that was meant, or all.
    """
    if kind in DECODERS:
        return DECODERS[kind]
    near = get_close_matches(kind, DECODERS, n=1)
    advice = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(DECODERS))}."
    raise SettingsError(f"'{kind}' is not a kind of frame. {advice}")

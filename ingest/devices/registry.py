"""Every kind of frame that can be decoded, by the name it has in a file of vectors.

Those of services that several wearables speak, and of the first wearables, stand here; a new
wearable names its own where it is registered, see docs/new-wearable.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from ingest.devices import heart_rate_service, infinitime, open_seizure_detector
from ingest.devices.decoder import Decoder
from ingest.devices.polar_pmd import acceleration, control, delta, intervals, light
from ingest.devices.wearables import WEARABLES
from ingest.errors import SettingsError

__all__ = ["DECODERS", "decoders", "find_decoder"]


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


def decoders() -> Mapping[str, Decoder]:
    """Return every decoder by its name."""
    return DECODERS | {
        name: decoder for each in WEARABLES.values() for name, decoder in each.decoders.items()
    }


def find_decoder(kind: str) -> Decoder:
    """Return the decoder of a kind.

    Raises
    ------
    SettingsError
        If there is none; it names the one that was meant, or all.
    """
    known = decoders()
    if kind in known:
        return known[kind]
    near = get_close_matches(kind, known, n=1)
    advice = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(known))}."
    raise SettingsError(f"'{kind}' is not a kind of frame. {advice}")

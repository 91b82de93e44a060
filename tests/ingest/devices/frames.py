"""Frames built from the layouts bit by bit, knowing nothing of the decoders.

``python -m tests.ingest.devices.frames`` prints `vectors.json` anew.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from itertools import pairwise

Sample = Sequence[int]
Vector = dict[str, object]


def fitting_bits(values: Sequence[int]) -> int:
    """The narrowest two's complement that holds every value."""
    return max([0 if value == 0 else (value ^ (value >> 63)).bit_length() + 1 for value in values])


def pack_bits(values: Sequence[int], bits: int) -> bytes:
    packed = 0
    for place, value in enumerate(values):
        packed |= (value & ((1 << bits) - 1)) << (place * bits)
    return packed.to_bytes((len(values) * bits + 7) // 8, "little")


def delta_content(samples: Sequence[Sample], sizes: Sequence[int], reference_bytes: int) -> bytes:
    """Compress samples into blocks of the sizes given, each as narrow as it can be."""
    content = b"".join(
        value.to_bytes(reference_bytes, "little", signed=True) for value in samples[0]
    )
    deltas = [
        [now - before for now, before in zip(sample, last, strict=True)]
        for last, sample in pairwise(samples)
    ]
    at = 0
    for size in sizes:
        values = [value for delta in deltas[at : at + size] for value in delta]
        bits = fitting_bits(values)
        content += bytes([bits, size]) + pack_bits(values, bits)
        at += size
    assert at == len(deltas)
    return content


def pmd_frame(kind: int, timestamp_ns: int, frame_type: int, content: bytes) -> bytes:
    return struct.pack("<BQB", kind, timestamp_ns, frame_type) + content


def raw_content(samples: Sequence[Sample], width: int) -> bytes:
    return b"".join(
        value.to_bytes(width, "little", signed=True) for sample in samples for value in sample
    )


def heart_rate(
    hr: int,
    *,
    wide: bool = False,
    contact: bool | None = None,
    energy: int | None = None,
    rr: Sequence[int] | None = None,
) -> bytes:
    flags = (
        1 * wide + 2 * bool(contact) + 4 * (contact is not None) + 8 * (energy is not None)
    ) + 16 * (rr is not None)
    value = struct.pack("<H" if wide else "<B", hr)
    extra = b"" if energy is None else struct.pack("<H", energy)
    return bytes([flags]) + value + extra + struct.pack(f"<{len(rr or ())}H", *(rr or ()))


def ppi(hr: int, pp_ms: int, err_ms: int, flags: int) -> bytes:
    return struct.pack("<BHHB", hr, pp_ms, err_ms, flags)


WALK = [(-20, 5, 990), (-18, 4, 1001), (-31, 9, 987), (-31, 9, 987), (-500, 700, 120)]
"""Small steps, a rest, and a jump, in mg."""

SECOND = 1_000_000_000
TAKEN = 846_000_000 * SECOND
"""A night in 2026 by a clock that began in 2000."""


def vectors() -> list[Vector]:
    def vector(name: str, kind: str, data: bytes, expect: object, **context: object) -> Vector:
        return {"id": name, "kind": kind, "hex": data.hex(), **context, "expect": expect}

    light = [[100 * sample + channel for channel in range(17)] for sample in range(3)]
    return [
        vector(
            "acc_bytes",
            "pmd_acc",
            pmd_frame(2, TAKEN, 0x00, raw_content([(-128, 0, 127), (1, 2, 3)], 1)),
            {
                "frame_type": "0x00",
                "n": 2,
                "first_mg": [[-128, 0, 127], [1, 2, 3]],
                "sample_ts_ns": [TAKEN - SECOND // 50, TAKEN],
            },
            sample_rate=50,
        ),
        vector(
            "acc_words",
            "pmd_acc",
            pmd_frame(2, TAKEN, 0x01, raw_content(WALK, 2)),
            {"timestamp_ns": TAKEN, "n": 5, "first_raw": [list(WALK[0])], "last_mg": list(WALK[4])},
        ),
        vector(
            "acc_three_bytes",
            "pmd_acc",
            pmd_frame(2, TAKEN, 0x02, raw_content([(-40000, 0, 8000)], 3)),
            {"n": 1, "last_mg": [-40000, 0, 8000], "unit": "mG"},
        ),
        vector(
            "acc_mg_blocks",
            "pmd_acc",
            pmd_frame(2, TAKEN, 0x81, delta_content(WALK, [2, 1, 1], 2)),
            {
                "frame_type": "DELTA_MG",
                "n": 5,
                "delta_blocks": [[5, 2], [0, 1], [11, 1]],
                "raw": [list(sample) for sample in WALK],
                "first_sample_ts_ns": TAKEN - SECOND // 5 * 4,
                "last_sample_ts_ns": TAKEN,
            },
            prev_ts=TAKEN - SECOND,
            sample_rate=5,
        ),
        vector(
            "acc_mg_factor",
            "pmd_acc",
            pmd_frame(2, TAKEN, 0x81, delta_content(WALK, [4], 2)),
            {"first_mg": [[-10, 2.5, 495]], "last_mg": [-250.0, 350.0, 60.0]},
            factor=0.5,
        ),
        vector(
            "acc_g_factor",
            "pmd_acc",
            pmd_frame(2, TAKEN, 0x80, delta_content([(4096, 0, -4096), (4097, 1, -4095)], [1], 2)),
            {"last_mg": [1000.244, 0.244, -999.756], "first_mg_trunc": [[1000, 0, -1000]]},
            factor=1 / 4096,
        ),
        vector(
            "acc_g_no_factor",
            "pmd_acc",
            pmd_frame(2, TAKEN, 0x80, delta_content([(4096, 0, -4096)], [], 2)),
            {"error": "factor"},
        ),
        vector(
            "acc_cut",
            "pmd_acc",
            pmd_frame(2, TAKEN, 0x81, delta_content(WALK, [4], 2)[:-1]),
            {"error": True},
        ),
        vector(
            "acc_beginning",
            "pmd_delta_content_prefix",
            delta_content(WALK, [4], 2)[:-3],
            {"first": [list(sample) for sample in WALK[:4]], "delta_count_declared": 4},
        ),
        vector(
            "ppi_three",
            "pmd_ppi",
            pmd_frame(3, TAKEN, 0, ppi(60, 1000, 8, 6) + ppi(0, 0, 0, 1) + ppi(61, 980, 9, 4)),
            {
                "n": 3,
                "samples": [
                    {"hr": 60, "pp_ms": 1000, "err_ms": 8, "skin_contact": 1, "blocker": 0},
                    {"hr": 0, "blocker": 1, "skin_contact_supported": 0},
                    {"pp_ms": 980, "skin_contact": 0, "skin_contact_supported": 1},
                ],
            },
        ),
        vector(
            "ppg_plain",
            "pmd_ppg",
            pmd_frame(1, TAKEN, 0x00, raw_content([(1, -2, 8_388_607, -8_388_608)], 3)),
            {"channels": ["ppg0", "ppg1", "ppg2", "ambient"], "last": [1, -2, 8388607, -8388608]},
        ),
        vector(
            "ppg_compressed",
            "pmd_ppg",
            pmd_frame(1, TAKEN, 0x87, delta_content(light, [2], 3)),
            {
                "n": 3,
                "channels": 17,
                "delta_blocks": [[8, 2]],
                "first": light,
                "status": [16, 116, 216],
                "status_channel": "last, mask 0xFFFFFF",
            },
        ),
        vector(
            "start_acc",
            "pmd_cp_command",
            bytes.fromhex("0202")
            + struct.pack("<BBHBBHBBHBBB", 0, 1, 52, 1, 1, 16, 2, 1, 8, 4, 1, 3),
            {
                "op": "REQUEST_MEASUREMENT_START",
                "type": 2,
                "sample_rate": 52,
                "resolution": 16,
                "range_g": 8,
                "channels": 3,
            },
        ),
        {
            "id": "query_and_stop_ppi",
            "kind": "pmd_cp_command",
            "hex": ["0103", "0303"],
            "expect": {
                "op": ["GET_MEASUREMENT_SETTINGS", "STOP_MEASUREMENT"],
                "responses_ok": ["f001030000", "f003030000"],
            },
        },
        vector(
            "already_streaming",
            "pmd_cp_response",
            bytes.fromhex("f0020206"),
            {"op": 2, "type": "ACC", "status_name": "ALREADY_IN_STATE", "more": False},
        ),
        vector(
            "mtu_too_small",
            "pmd_cp_response",
            bytes.fromhex("f002020a00"),
            {"status": 10, "status_name": "INVALID_MTU", "params": ""},
        ),
        vector("stopped", "pmd_cp_stopped", bytes([1, 2, 3]), {"types": ["ACC", "PPI"]}),
        vector(
            "settings",
            "pmd_settings",
            struct.pack(
                "<BB3HBBHBBIBBBBBf", 0, 3, 26, 52, 104, 2, 1, 8, 3, 1, 8000, 4, 1, 3, 5, 1, 0.25
            ),
            {
                "sample_rate": [26, 52, 104],
                "range_g": [8],
                "range_milli": [8000],
                "channels": [3],
                "factor": 0.25,
                "resolution": [],
            },
        ),
        vector(
            "features",
            "pmd_feature_read",
            bytes([0x0F, 0b0000_1101, 0b0000_0010]),
            {"types": ["ECG", "ACC", "PPI", "SDK_MODE"]},
        ),
        vector(
            "hr_everything",
            "hrs_2a37",
            heart_rate(300, wide=True, contact=True, energy=1000, rr=[1024, 512]),
            {
                "hr": 300,
                "contact": True,
                "contact_supported": True,
                "energy": 1000,
                "rr_1024": [1024, 512],
                "rr_ms": [1000, 500.0],
            },
        ),
        vector(
            "hr_off_skin",
            "hrs_2a37",
            heart_rate(0, contact=False),
            {"hr": 0, "contact": False, "meaning": "0 is no reading"},
        ),
        vector("hr_low_confidence", "hrs_2a37", heart_rate(255), {"meaning": "-1: no reading"}),
        vector("hr_empty", "hrs_2a37", b"\x00", {"error": "1 of 2 bytes"}),
        vector("battery", "bas_2a19", bytes([73]), {"percent": 73}),
        vector("battery_of_250", "bas_2a19", bytes([250]), {"error": "250 %"}),
        vector(
            "motion",
            "infinitime_00030002",
            struct.pack("<3h", -512, 0, 1),
            {"xyz_counts": [-512, 0, 1], "xyz_mg": [-500, 0, 0.977]},
        ),
        vector(
            "osd_three",
            "osd_0001",
            raw_content(WALK[:3], 2),
            {"n": 3, "xyz_mg": [list(sample) for sample in WALK[:3]], "norm_xyz_mg_max": 1001.2},
            format=3,
        ),
        vector(
            "osd_whole_buffer",
            "osd_0001",
            raw_content(WALK[:3], 2) + bytes(2),
            {"n": 3, "last_xyz_mg": list(WALK[2])},
        ),
        vector(
            "osd_magnitude",
            "osd_0001",
            bytes([64, 96, 0]),
            {"magnitude_mg": [1000, 1500, 0]},
            format=0,
        ),
        vector("osd_magnitude_16", "osd_0001", bytes(2), {"error": "set the watch to"}, format=1),
        vector("osd_battery", "osd_0002", bytes([100]), {"percent": 100}),
        vector("osd_id", "osd_0003", b"BangleJs", {"text": "BangleJs"}),
        vector("osd_firmware", "osd_0004", b"0.16\0", {"text": "0.16"}),
        vector("osd_format", "osd_0005", bytes([3]), {"format": "THREE_AXES"}),
        vector("osd_status", "osd_0006", bytes([4]), {"status": "FAULT"}),
    ]


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(vector) for vector in vectors())
    print('{"vectors": [\n' + lines + "\n]}")  # noqa: T201

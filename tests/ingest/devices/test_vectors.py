from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.devices.registry import find_decoder
from ingest.devices.vectors import Outcome, check, read_vectors
from ingest.errors import InputError, SettingsError

ACC = "02009435770000000001f7ffffffe703f8fffeffe503f9ffffffe503"
"""Three plain samples of acceleration: (-9, -1, 999), (-8, -2, 997), (-7, -1, 997)."""


def outcome(
    path: Path, expect: dict[str, Any], kind: str = "pmd_acc", frame: Any = ACC, **beside: Any
) -> Outcome:
    vector = {"id": "one", "kind": kind, "hex": frame, "expect": expect, **beside}
    file = path / "vectors.json"
    file.write_text(json.dumps({"vectors": [vector]}))
    return check(read_vectors(file)[0])


@pytest.mark.parametrize(
    "expect",
    [
        {"n": 3},
        {"frame_type": "0x01"},
        {"frame_type": 1},
        {"frame_type": "RAW_16_BIT"},
        {"first_mg": [[-9, -1, 999]]},
        {"first_mg": [[-9, -1, 999], [-8, -2, 997.0]]},
        {"first_raw": [-9, -1, 999]},
        {"last_mg": [-7, -1, 997]},
        {"first_mg_trunc": [[-9, -1, 999]]},
        {"norm_mg_mean": 997.7},
        {"norm_mg_mean": 997.7001},
        {"norm_mg_max": 999},
        {"mg_max": 999},
        {"sample_ts_ns": None},
        {"error": False, "unit": "mG"},
    ],
)
def test_what_agrees(tmp_path: Path, expect: dict[str, Any]) -> None:
    assert outcome(tmp_path, expect).differences == ()


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"n": 4}, "n: expected 4, decoded 3"),
        ({"n": "three"}, 'n: expected "three", decoded 3'),
        ({"n": True}, "n: expected true, decoded 3"),
        ({"n": None}, "n: expected null, decoded 3"),
        ({"n": [3]}, "n: expected [3], decoded 3"),
        ({"n": {"of": 3}}, 'n: expected {"of": 3}, decoded 3'),
        ({"frame_type": "0x81"}, 'frame_type: expected "0x81", decoded "RAW_16_BIT"'),
        ({"first_mg": [[-9, -1, 998]]}, "first_mg[0][2]: expected 998, decoded 999.0"),
        ({"last_mg": [-7, -1]}, "last_mg: expected 2 values, decoded 3"),
        ({"norm_mg_mean": 997.6}, "norm_mg_mean: expected 997.6, decoded 997.7"),
        ({"mg": [[0, 0, 0]] * 3}, "mg: 6 more differences"),
        ({"wobble": 1}, "wobble: not understood; pmd_acc gives timestamp_ns, frame_type"),
        ({"first_wobble": 1}, "first_wobble: not understood"),
        ({"wobble_mean": 1}, "wobble_mean: not understood"),
        ({"n_mean": 3}, "n_mean: not understood"),
        ({"norm_n": 3}, "norm_n: not understood"),
        ({"norm_sample_ts_ns": 3}, "norm_sample_ts_ns: not understood"),
        ({"first_delta_blocks": 3}, "first_delta_blocks: not understood"),
        ({"first": [[-9, -1, 999]]}, "first: not understood"),
        ({"meaning": "no reading"}, "meaning: not understood"),
        ({}, "nothing is expected"),
        ({"error": True}, "error: expected a refusal, but the frame decodes"),
        ({"error": "cut"}, "error: expected a refusal, but the frame decodes"),
    ],
)
def test_what_differs_is_said(tmp_path: Path, expect: dict[str, Any], says: str) -> None:
    found = outcome(tmp_path, expect)
    assert not found.agrees
    assert says in "\n".join(found.differences)
    assert found.decoded["n"] == 3


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"error": True}, None),
        ({"error": "DecodeError"}, None),
        ({"error": "4 bytes into a sample"}, None),
        ({"error": "too long"}, 'error: expected "too long", but the refusal says: DecodeError: '),
        ({"error": True, "n": 2}, "n: expected 2, but the frame is refused"),
        ({"n": 2}, "cannot be decoded: Polar ACC frame: ends 4 bytes into a sample"),
        ({"error": False}, "cannot be decoded"),
    ],
)
def test_a_refusal_is_compared_too(
    tmp_path: Path, expect: dict[str, Any], says: str | None
) -> None:
    found = outcome(tmp_path, expect, frame=ACC[:-4])
    assert found.agrees is (says is None)
    assert (says or "") in "\n".join(found.differences)
    assert found.decoded["error"].startswith("Polar ACC frame: ends 4 bytes into a sample")


def test_inner_names_are_checked_too(tmp_path: Path) -> None:
    ppi = "03" + "00" * 9 + "3c2c04060006"
    found = outcome(tmp_path, {"samples": [{"hr": 60, "mood": 1}]}, "pmd_ppi", ppi)
    assert found.differences == (
        "samples[0].mood: not understood; there are hr, pp_ms, err_ms, blocker, skin_contact, "
        "skin_contact_supported",
    )


def test_a_meaning_is_compared_by_what_it_says(tmp_path: Path) -> None:
    assert outcome(tmp_path, {"meaning": "treat as no reading"}, "hrs_2a37", "06ff").agrees
    assert outcome(
        tmp_path, {"meaning": "treat as no reading"}, "hrs_2a37", "0648"
    ).differences == ('meaning: expected "treat as no reading", decoded "a reading"',)


def test_frames_together_are_compared_together(tmp_path: Path) -> None:
    assert outcome(tmp_path, {"hr": [72, 73]}, "hrs_2a37", ["0048", "0049"]).agrees
    found = outcome(tmp_path, {"hr": [72, 74]}, "hrs_2a37", ["0048", "0049"])
    assert found.differences == ("hr[1]: expected 74, decoded 73",)
    assert [frame["hr"] for frame in found.decoded] == [72, 73]


def test_an_unknown_kind_does_not_agree(tmp_path: Path) -> None:
    found = outcome(tmp_path, {"n": 3}, kind="pmd_ac")
    assert found.differences == ("'pmd_ac' is not a kind of frame. Did you mean pmd_acc?",)
    with pytest.raises(SettingsError, match="There are bas_2a19, hrs_2a37"):
        find_decoder("xyzzy")


def test_what_the_device_said_before_is_handed_on(tmp_path: Path) -> None:
    compressed = "02009435770000000081" + "0a0014001e00"
    assert outcome(tmp_path, {"last_mg": [5, 10, 15]}, frame=compressed, factor=0.5).agrees
    assert outcome(tmp_path, {"last_sample_ts_ns": 2 * 10**9}, sample_rate=50, factor=2).agrees


ENTRY: dict[str, Any] = {"id": "a", "kind": "hrs_2a37", "hex": "0048", "expect": {"hr": 72}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ('{"vectors": [NaN]}', "is not JSON (NaN is not a number)"),
        ("[" * 100_000, "is not JSON"),
        ('{"vectors": [1e99999999999999999999999]}', "is not JSON"),
        ("[]", "holds no list of vectors"),
        ('{"frames": []}', "holds no list of vectors"),
        ('{"vectors": {}}', "holds no list of vectors"),
        ('{"vectors": []}', "holds no list of vectors"),
        ('{"vectors": [1]}', "vector 1: is not an object"),
        (json.dumps({"vectors": [ENTRY, {"id": "b"}]}), "2: has no kind and no hex and no expect"),
        (json.dumps({"vectors": [ENTRY | {"id": 1}]}), "has an id or a kind that is not text"),
        (json.dumps({"vectors": [ENTRY | {"expect": 72}]}), "an expect that is not an object"),
        (json.dumps({"vectors": [ENTRY | {"hex": "0x48"}]}), "not pairs of hexadecimal digits"),
        (json.dumps({"vectors": [ENTRY | {"hex": 48}]}), "not pairs of hexadecimal digits"),
        (json.dumps({"vectors": [ENTRY | {"hex": []}]}), "has a hex without frames"),
        (json.dumps({"vectors": [ENTRY | {"factor": 0}]}), "a factor that is not 1e-12 to 1e+12"),
        (json.dumps({"vectors": [ENTRY | {"factor": "1"}]}), "has a factor that is not"),
        (json.dumps({"vectors": [ENTRY | {"sample_rate": -1}]}), "has a sample_rate that is"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_what_to_do(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "vectors.json"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        read_vectors(path)
    assert says in str(refused.value)
    assert str(refused.value).startswith(str(path))
    assert "docs/new-wearable.md" in str(refused.value)


@pytest.mark.parametrize("depth", [100, 500, 900])
@pytest.mark.parametrize("key", ["n", "error", "first_mg", "mg", "delta_blocks"])
@pytest.mark.parametrize("frame", [ACC, ACC[:2]])
def test_an_expectation_nested_deeply_does_not_agree(
    tmp_path: Path, key: str, depth: int, frame: str
) -> None:
    nested: Any = 1
    for _ in range(depth):
        nested = [nested]
    assert not outcome(tmp_path, {key: nested}, frame=frame).agrees


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "vectors.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not JSON"):
        read_vectors(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing.json: cannot be read \(No such file"):
        read_vectors(tmp_path / "nothing.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_vectors(tmp_path)

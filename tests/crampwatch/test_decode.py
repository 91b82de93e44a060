from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.crampwatch.conftest import Command

AGREES: dict[str, Any] = {
    "id": "rest",
    "kind": "hrs_2a37",
    "hex": "0048",
    "expect": {"hr": 72, "rr_ms": []},
}
DIFFERS = AGREES | {"id": "effort", "expect": {"hr": 73, "pulse": 72}}


def write(path: Path, *vectors: dict[str, Any]) -> Path:
    file = path / "vectors.json"
    file.write_text(json.dumps({"note": "made up", "vectors": vectors}))
    return file


def test_vectors_that_agree(crampwatch: Command, tmp_path: Path) -> None:
    outcome = crampwatch("decode", "--vectors", write(tmp_path, AGREES, AGREES))
    assert outcome.status == 0
    assert outcome.err == ""
    lines = [json.loads(line) for line in outcome.out.splitlines()]
    assert len(lines) == 2
    assert list(lines[0]) == ["id", "kind", "decoded", "agrees", "differences"]
    assert lines[0]["id"] == "rest"
    assert lines[0]["decoded"]["hr"] == 72
    assert lines[0]["agrees"] is True
    assert lines[0]["differences"] == []


def test_a_vector_that_differs_leaves_the_others_checked(
    crampwatch: Command, tmp_path: Path
) -> None:
    outcome = crampwatch("decode", "--vectors", write(tmp_path, DIFFERS, AGREES))
    assert outcome.status == 1
    first, second = (json.loads(line) for line in outcome.out.splitlines())
    assert (first["agrees"], second["agrees"]) == (False, True)
    assert first["differences"][0] == "hr: expected 73, decoded 72"
    assert first["differences"][1].startswith("pulse: not understood; hrs_2a37 gives hr, ")


def test_the_reference_agrees(crampwatch: Command, reference_vectors: Path) -> None:
    outcome = crampwatch("decode", "--vectors", reference_vectors)
    assert outcome.status == 0
    assert outcome.out.count('"agrees": true') == len(outcome.out.splitlines()) >= 27


@pytest.mark.parametrize("text", ["", "{}", "not JSON", '{"vectors": [{"id": "a"}]}'])
def test_a_file_that_cannot_be_used(crampwatch: Command, tmp_path: Path, text: str) -> None:
    file = tmp_path / "vectors.json"
    file.write_text(text)
    outcome = crampwatch("decode", "--vectors", file)
    assert outcome.status == 2
    assert outcome.out == ""
    assert outcome.err.startswith(f"crampwatch: {file}")
    assert "docs/new-wearable.md" in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_file_that_is_not_there(crampwatch: Command, tmp_path: Path) -> None:
    outcome = crampwatch("decode", "--vectors", tmp_path / "none.json")
    assert outcome.status == 2
    assert "none.json: cannot be read (No such file or directory)" in outcome.err


def test_one_frame(crampwatch: Command) -> None:
    outcome = crampwatch("decode", "infinitime_00030002", "00 00 00 00 00 04")
    assert outcome.status == 0
    assert json.loads(outcome.out) == {
        "kind": "infinitime_00030002",
        "decoded": {"xyz_counts": [0, 0, 1024], "xyz_mg": [0, 0, 1000]},
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["hrs_2a37", "00"], "heart rate measurement: ends after 1 of 2 bytes (seen: 00)"),
        (["hrs_2a37", "0x48"], "'0x48' is not bytes. Write two hexadecimal digits"),
        (["hrs_2a38", "0048"], "'hrs_2a38' is not a kind of frame. Did you mean hrs_2a37?"),
        (["hrs_2a37"], "give either KIND and HEX, or --vectors FILE"),
        ([], "give either KIND and HEX, or --vectors FILE"),
        (["hrs_2a37", "0048", "--vectors", "f"], "give either KIND and HEX, or --vectors FILE"),
    ],
)
def test_what_cannot_be_decoded(crampwatch: Command, arguments: list[str], says: str) -> None:
    outcome = crampwatch("decode", *arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    assert says in outcome.err
    assert "Traceback" not in outcome.err

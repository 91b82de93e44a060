from __future__ import annotations

from pathlib import Path

from ingest.devices.vectors import check, read_vectors


def test_every_reference_vector_decodes_to_its_numbers(reference_vectors: Path) -> None:
    vectors = read_vectors(reference_vectors)
    differing = {vector.id: check(vector).differences for vector in vectors}
    assert {name: found for name, found in differing.items() if found} == {}
    assert len(differing) >= 27

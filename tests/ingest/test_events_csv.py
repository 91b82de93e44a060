from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import RecordingError
from ingest.events_csv import read_events, write_events
from ingest.recording import Event

HEADER = "onset_s,duration_s,label\n"


def events(tmp_path: Path, text: str) -> tuple[Event, ...]:
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    return read_events(path)


def test_reads_further_columns_and_labels_of_ones_own(tmp_path: Path) -> None:
    text = 'phenotype,onset_s,duration_s,label\nrub,10,2.5,cramp\n,20,0,"snoring, loud"\n'
    assert events(tmp_path, "\ufeff" + text.replace("\n", "\r\n")) == (
        Event(10.0, 2.5, "cramp", {"phenotype": "rub"}),
        Event(20.0, 0.0, "snoring, loud"),
    )


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", None, "is empty"),
        ("onset_s,label\n1,cramp\n", 1, "has the columns onset_s, label"),
        ("onset_s,duration_s,label,label\n", 1, "has the columns"),
        (HEADER.replace(",", ";"), 1, "has semicolons between its columns"),
        (HEADER + "1,2\n", 2, "has 2 of 3 columns"),
        (HEADER + "\n1,2,cramp\nx,2,cramp\n", 4, "onset_s is 'x', which is not a number"),
        (HEADER + "nan,2,cramp\n", 2, "onset_s is 'nan', which is not a number"),
        (HEADER + "1,-2,cramp\n", 2, "duration_s is -2.0"),
        (HEADER + "1,2, \n", 2, "label is empty"),
        (HEADER + '1,2,"cramp\n', 2, "is not a table"),
    ],
)
def test_names_the_line_at_fault(tmp_path: Path, text: str, line: int | None, problem: str) -> None:
    with pytest.raises(RecordingError) as caught:
        events(tmp_path, text)
    assert caught.value.problem.startswith(problem)
    assert caught.value.line == line


words = st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), min_size=1)
finite = st.floats(-1e6, 1e6)


@given(
    st.lists(
        st.builds(
            Event,
            onset_s=finite,
            duration_s=st.floats(0, 1e6),
            label=words.map(str.strip).filter(bool),
            extra=st.dictionaries(st.sampled_from(["phenotype", "note, more"]), words),
        )
    )
)
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, found: list[Event]
) -> None:
    text = io.StringIO(newline="")
    write_events(text, found)
    path = tmp_path_factory.getbasetemp() / "events.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    assert list(read_events(path)) == found

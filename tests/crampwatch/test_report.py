from __future__ import annotations

import json
from pathlib import Path

from tests.crampwatch.conftest import Command


def test_a_report_is_written_in_every_form(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    crampwatch("replay", night)
    for form, beginning in (("pdf", "%PDF-"), ("html", "<!doctype html>"), ("csv", "night,state")):
        out = tmp_path / f"report.{form}"
        told = crampwatch("report", "--out", out, "--format", form)
        assert (told.status, told.err) == (0, "")
        assert told.out.splitlines()[0] == str(out)
        assert out.read_bytes().startswith(beginning.encode())
    awakenings = (tmp_path / "report-awakenings.csv").read_text().splitlines()
    assert len(awakenings) == 2
    assert awakenings[1].startswith("2026-09-21,")
    assert (tmp_path / "report-together.csv").read_text().startswith("first,last,subject,about,")
    bundle = tmp_path / "b.json"
    arguments = ("--from", "2026-09-20", "--until", "2026-09-21", "--format", "fhir")
    assert crampwatch("report", "--out", bundle, *arguments).status == 0
    kinds = [each["resource"]["resourceType"] for each in json.loads(bundle.read_text())["entry"]]
    assert kinds == ["Patient", "Device"] + ["Observation"] * (1 + 2 + 1)


def test_what_cannot_be_written_is_said(crampwatch: Command, night: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert "No night is stored here yet" in crampwatch("report", "--out", out).err
    crampwatch("replay", night)
    told = crampwatch("report", "--out", tmp_path / "none" / "report.pdf")
    assert (told.status, told.out) == (2, "")
    assert "cannot be written (No such file or directory)" in told.err
    late = crampwatch("report", "--out", out, "--until", "2027-01-01")
    assert "The night of 2027-01-01 is still to come" in late.err
    assert crampwatch("report", "--out", out, "--wearer", "nobody").status == 2
    assert not out.exists()

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PIP_THAT_LOOKS_FOR_ITS_FILES = """#!/bin/sh
# As pip does, take what is between spaces for the files.
for file in $PIP_CONSTRAINT $PIP_BUILD_CONSTRAINT; do
    test -f "$file" || { echo "no file $file" >&2; exit 1; }
done
echo "pip $*"
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What make needs of the project, in a folder with a space in its name."""
    if shutil.which("make") is None:
        pytest.skip("make is not here; on Debian: sudo apt install make")
    folder = tmp_path / "with a space"
    for name in ("Makefile", "constraints.txt", "pyproject.toml", ".ci/run", ".ci/make-venv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)


def test_a_space_in_the_path_does_not_keep_it_from_installing(clone: Path) -> None:
    program(clone / ".venv" / "bin" / "python", "#!/bin/sh\n")
    program(clone / ".venv" / "bin" / "pip", PIP_THAT_LOOKS_FOR_ITS_FILES)
    # The make that runs the tests would hand its own flags on.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    ended = subprocess.run(
        ["make", ".venv/.installed-test"],
        cwd=clone,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "pip install --quiet --editable .[dev]" in ended.stdout
    assert (clone / ".venv" / ".installed-run").exists()


def test_ci_calls_make_test_in_a_path_with_a_space(clone: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "id", "#!/bin/sh\necho 1000\n")
    program(tmp_path / "bin" / "make", '#!/bin/sh\necho "make $* in $PWD"\n')
    ended = subprocess.run(
        [clone / ".ci" / "run"],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == f"make test in {clone}\n"
    assert "its tests will skip" in ended.stderr


def test_the_sample_nights_stay_out_of_a_store_that_is_set(clone: Path, tmp_path: Path) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv" / ".installed-run").touch()
    program(clone / ".venv" / "bin" / "python", "#!/bin/sh\n")
    told = 'echo "$1 in ${CRAMPWATCH_DATABASE_URL:-$CRAMPWATCH_DATA_DIR}"'
    program(clone / ".venv" / "bin" / "crampwatch", f"#!/bin/sh\n{told}\n")
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    ended = subprocess.run(
        ["make", "run"],
        cwd=clone,
        env=env | {"CRAMPWATCH_DATABASE_URL": f"sqlite:///{tmp_path}/mine.db"},
        capture_output=True,
        text=True,
        check=True,
    )
    store = clone / ".crampwatch"
    assert ended.stdout.splitlines() == [
        f"{command} in {store}" for command in ("replay", "summary", "serve")
    ]

"""What the container files say, read without an engine that would build or run them."""

from __future__ import annotations

import ast
import re
import shlex
from typing import Any

import yaml

from server.app import PATIENCE_S
from server.readiness import PATIENCE_S as WRITER_PATIENCE_S
from server.settings import DEFAULT_PORT, ENV_PREFIX, Settings
from tests.test_documentation import ROOT, TEXTS

DOCKERFILE = (ROOT / "Dockerfile").read_text()
STEPS = [
    tuple(step.split(maxsplit=1))
    for step in re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    .strip()
    .splitlines()
    if step
]
SECOND = STEPS[[name for name, _ in STEPS].index("FROM", 1) :]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
SERVER, DATABASE = SERVICES["crampwatch"], SERVICES["database"]
PINNED = re.compile(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+")


def said(name: str, steps: list[tuple[str, ...]] = STEPS) -> list[str]:
    return [rest for step, rest in steps if step == name]


def environment(steps: list[tuple[str, ...]]) -> dict[str, str]:
    words = (word for line in said("ENV", steps) for word in shlex.split(line))
    return {name: value for name, _, value in (word.partition("=") for word in words)}


# The image


def test_both_stages_have_one_pinned_python_which_is_the_oldest_that_is_promised() -> None:
    bases = {base.split()[0] for base in said("FROM")}
    assert len(bases) == 1
    (base,) = bases
    assert PINNED.fullmatch(base)
    floor = re.search(r'requires-python = ">=(\d\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert floor
    assert base.startswith(f"python:{floor[1]}.")


def test_everything_is_installed_at_the_versions_that_are_tested() -> None:
    (make,) = [step for step in said("RUN") if "pip install" in step]
    assert "'.[postgresql]'" in make
    first = environment(STEPS[: -len(SECOND)])
    assert first["PIP_CONSTRAINT"] == first["PIP_BUILD_CONSTRAINT"] == "constraints.txt"


def test_the_server_runs_as_a_user_without_a_name_of_yours() -> None:
    (user,) = said("USER", SECOND)
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    after = [name for name, _ in SECOND[SECOND.index(("USER", user)) :]]
    assert not {"RUN", "COPY", "ADD"} & set(after)
    assert f"useradd --uid {user.split(':')[0]} " in said("RUN", SECOND)[0]


def test_the_image_holds_no_secret_and_its_settings_are_settings() -> None:
    told = environment(SECOND)
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    ours = {name for name in told if name.startswith(ENV_PREFIX)}
    assert ours <= known - {f"{ENV_PREFIX}TOKEN", f"{ENV_PREFIX}DATABASE_URL"}
    assert said("ARG") == said("ADD") == []
    assert "--mount=type=secret" not in DOCKERFILE


def test_what_is_kept_is_in_the_volume_that_belongs_to_the_user() -> None:
    (volume,) = said("VOLUME", SECOND)
    assert environment(SECOND)["CRAMPWATCH_DATA_DIR"] == volume
    assert f"--home-dir {volume} " in said("RUN", SECOND)[0]
    assert SERVER["volumes"] == [f"nights:{volume}"]


def test_the_container_is_asked_whether_it_is_ready_and_told_to_stop_in_order() -> None:
    (check,) = said("HEALTHCHECK", SECOND)
    options, _, command = check.partition("CMD ")
    program = ast.literal_eval(command)
    assert program[:2] == ["python", "-c"]
    compile(program[2], "healthcheck", "exec")
    assert f"http://127.0.0.1:{DEFAULT_PORT}/readyz" in program[2]
    patience = re.search(r"--timeout=(\d+)s", options)
    assert patience
    assert int(patience[1]) > WRITER_PATIENCE_S
    assert said("STOPSIGNAL", SECOND) == ["SIGTERM"]
    # As a list: a shell in between would keep the signal to itself.
    assert ast.literal_eval(said("ENTRYPOINT", SECOND)[0]) == ["crampwatch"]
    assert ast.literal_eval(said("CMD", SECOND)[0]) == ["serve"]
    assert said("EXPOSE", SECOND) == [str(DEFAULT_PORT)]


def test_only_what_the_package_is_made_of_goes_into_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    kept = {line[1:] for line in patterns if line.startswith("!")}
    assert all((ROOT / each).exists() for each in kept)
    project = (ROOT / "pyproject.toml").read_text()
    packages = re.search(r"^include = \[(.*)\]", project, re.MULTILINE)
    assert packages
    rooms = set(re.findall(r'"([a-z_]+)\*"', packages[1]))
    assert kept == rooms | {"LICENSE", "README.md", "constraints.txt", "pyproject.toml"}
    assert "tests" not in kept


# Both together


def test_every_image_is_pinned_and_every_volume_is_named() -> None:
    images = [each["image"] for each in SERVICES.values() if "image" in each]
    assert images
    assert all(PINNED.fullmatch(each) for each in images)
    used = {each.split(":")[0] for service in SERVICES.values() for each in service["volumes"]}
    assert used == set(COMPOSE["volumes"])


def test_a_secret_stands_in_no_file_and_has_to_be_given() -> None:
    given = r"\$\{POSTGRES_PASSWORD:\?[^}]+\}"
    assert re.fullmatch(given, DATABASE["environment"]["POSTGRES_PASSWORD"])
    assert re.search(f":{given}@", SERVER["environment"]["CRAMPWATCH_DATABASE_URL"])
    assert "CRAMPWATCH_TOKEN" not in SERVER["environment"]


def test_the_server_is_led_to_the_database_beside_it() -> None:
    url = re.sub(r"\$\{[^}]+\}", "secret", SERVER["environment"]["CRAMPWATCH_DATABASE_URL"])
    assert url == "postgresql://crampwatch:secret@database/crampwatch"
    assert DATABASE["environment"]["POSTGRES_USER"] == "crampwatch"
    assert "pg_isready" in DATABASE["healthcheck"]["test"][1]
    assert SERVER["depends_on"] == {"database": {"condition": "service_healthy"}}
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields} | {"TZ"}
    assert set(SERVER["environment"]) <= known


def test_the_server_is_asked_from_this_machine_alone_and_may_write_to_its_volume_alone() -> None:
    assert SERVER["ports"] == [f"127.0.0.1:{DEFAULT_PORT}:{DEFAULT_PORT}"]
    assert "ports" not in DATABASE
    assert SERVER["read_only"] is True
    assert SERVER["cap_drop"] == ["ALL"]
    for service in SERVICES.values():
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        assert int(service["stop_grace_period"].removesuffix("s")) >= 2 * PATIENCE_S


def test_what_has_to_stand_in_the_file_of_secrets_is_documented() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name in set(re.findall(r"\$\{([A-Z_]+)", text)):
        assert f"{name}=" in TEXTS["docs/running.md"], name

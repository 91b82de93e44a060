from __future__ import annotations

import re
from pathlib import Path

import platformdirs
import pytest

from ingest.errors import SettingsError
from server.settings import Settings, load_settings
from server.sqlite import database_file

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CRAMPWATCH_{name.upper()}", raising=False)


def test_defaults_are_the_users_folder_and_loopback() -> None:
    settings = load_settings()
    assert settings.data_dir == platformdirs.user_data_path("crampwatch", appauthor=False)
    assert settings.database_url == f"sqlite:///{settings.data_dir}/crampwatch.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8321)


def test_the_environment_sets_and_the_command_has_the_last_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CRAMPWATCH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CRAMPWATCH_PORT", "9000")
    assert load_settings().port == 9000
    assert load_settings(port=9001).port == 9001
    assert load_settings(port=None).port == 9000
    assert load_settings().database_url == f"sqlite:///{tmp_path}/crampwatch.db"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAMPWATCH_PORT", "")
    assert load_settings().port == 8321


def test_a_relative_folder_and_a_tilde_become_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert load_settings(data_dir="nights").data_dir == tmp_path / "nights"
    assert load_settings(data_dir="~/nights").data_dir == tmp_path / "home" / "nights"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_accepted(host: str) -> None:
    assert load_settings(host=host).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_nobody_elsewhere_reaches_loopback_unless_through_a_proxy(host: str) -> None:
    assert load_settings(host=host).is_here_alone
    assert not load_settings(host=host, proxy="127.0.0.1").is_here_alone


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10"])
def test_others_reach_any_other_address(host: str) -> None:
    assert not load_settings(host=host).is_here_alone


@pytest.mark.parametrize("proxy", ["*", "a-proxy.local", "10.0.0.0/8", "127.0.0.1:80"])
def test_a_proxy_is_named_by_one_address(proxy: str) -> None:
    with pytest.raises(SettingsError, match="CRAMPWATCH_PROXY cannot be used"):
        load_settings(proxy=proxy)


@pytest.mark.parametrize("host", ["example.org", "", "127.0.0.1:80"])
def test_what_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="CRAMPWATCH_HOST cannot be used"):
        load_settings(host=host)


def test_a_short_token_is_refused_and_never_shown() -> None:
    with pytest.raises(SettingsError, match=r"CRAMPWATCH_TOKEN.*at least 16") as caught:
        load_settings(token="hunter2")
    assert "hunter2" not in str(caught.value)
    assert "sixteen" not in repr(load_settings(token="sixteen letters!"))


@pytest.mark.parametrize(
    "token", ["sechzehn Zeichen ä", " padded with a space", "two lines\nof token"]
)
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match=r"CRAMPWATCH_TOKEN.*ASCII") as caught:
        load_settings(token=token)
    assert token not in str(caught.value)


def test_names_come_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAMPWATCH_NAMES", "pi.local, bedside")
    assert load_settings().names == ("pi.local", "bedside")


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "1.5"])
def test_a_port_that_is_none_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv("CRAMPWATCH_PORT", port)
    with pytest.raises(SettingsError, match=r"^CRAMPWATCH_PORT cannot be used: .*0 to 65535.*\.$"):
        load_settings()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:secret@db/nights",
        "postgresql://me:secret@db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:////tmp/a?mode=ro",
        "crampwatch.db",
    ],
)
def test_what_is_no_database_is_refused_without_telling_its_password(
    url: str,
) -> None:
    with pytest.raises(SettingsError, match="CRAMPWATCH_DATABASE_URL cannot be used") as caught:
        load_settings(database_url=url)
    assert "secret" not in str(caught.value)


def test_a_database_of_postgresql_is_taken_as_it_is() -> None:
    url = "postgresql://me:secret@db/nights?sslmode=require"
    assert load_settings(database_url=url).database_url == url


@pytest.mark.parametrize("name", ["who?", "50%25", "#1"])
def test_a_folder_of_any_name_holds_the_database(tmp_path: Path, name: str) -> None:
    settings = load_settings(data_dir=tmp_path / name)
    assert database_file(settings.database_url) == tmp_path / name / "crampwatch.db"


SECRET = "a secret of enough letters"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook_url", "ftp://me:hidden@example.org"),
        ("webhook_url", "https://"),
        ("webhook_url", "https://example.org:99999/hidden"),
        ("webhook_secret", "hidden"),
        ("mqtt_url", "http://me:hidden@example.org"),
        ("mqtt_url", "mqtt://"),
        ("push_contact", "hidden@example.org"),
        ("push_contact", "mailto:hidden@localhost"),
        ("quiet_hours", "hidden"),
        ("quiet_hours", "07:00-07:00"),
    ],
)
def test_where_notices_cannot_go_is_told_by_its_variable_and_not_shown(
    name: str, value: str
) -> None:
    given = {"webhook_secret": SECRET} | {name: value}
    with pytest.raises(SettingsError, match=f"CRAMPWATCH_{name.upper()} cannot be") as caught:
        load_settings(**given)
    assert "hidden" not in str(caught.value)


def test_a_webhook_needs_what_it_is_signed_with() -> None:
    url = "https://example.org/hook"
    with pytest.raises(SettingsError, match="together with CRAMPWATCH_WEBHOOK_SECRET"):
        load_settings(webhook_url=url)
    assert load_settings(webhook_url=url, webhook_secret=SECRET).webhook_url is not None


def test_no_secret_of_where_notices_go_is_in_what_a_setting_looks_like() -> None:
    settings = load_settings(
        notice_urls="ntfys://me:hidden@ntfy.sh/topic",
        webhook_url="https://example.org/hidden",
        webhook_secret="hidden and long enough",
        mqtt_url="mqtts://me:hidden@example.org",
    )
    assert "hidden" not in repr(settings)
    assert "hidden" not in settings.model_dump_json()


def test_every_setting_at_fault_gets_its_sentence() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(host="elsewhere", port=-1)
    assert str(caught.value).count("cannot be used") == 2


def test_a_setting_that_does_not_exist_is_a_defect_of_the_caller() -> None:
    with pytest.raises(TypeError, match="no such setting: prot"):
        load_settings(prot=1)


def test_every_setting_is_documented_and_no_other() -> None:
    documented = re.findall(r"^\| `(CRAMPWATCH_\w+)` \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert documented == [f"CRAMPWATCH_{name.upper()}" for name in Settings.model_fields]


def test_documented_defaults_are_the_real_ones() -> None:
    rows = dict(
        re.findall(
            r"^\| `CRAMPWATCH_(\w+)` \| ([^|]+) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE
        )
    )
    assert rows["PORT"] == f"`{load_settings().port}`"
    assert rows["HOST"] == f"`{load_settings().host}`"
    assert "~/.local/share/crampwatch" in rows["DATA_DIR"]
    assert Path(load_settings().database_url).name in rows["DATABASE_URL"]

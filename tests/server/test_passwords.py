from __future__ import annotations

import pytest
from argon2 import profiles

from ingest.errors import SettingsError
from server import passwords

GOOD = "three quiet words"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PROFILE", profiles.CHEAPEST)


def test_a_password_is_kept_by_argon2id_with_its_parameters() -> None:
    kept = passwords.hash_password(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert GOOD not in kept
    assert passwords.is_password(GOOD, kept)
    assert not passwords.is_outdated(kept)


@pytest.mark.usefixtures("cheap")
def test_the_same_password_is_never_kept_the_same() -> None:
    assert passwords.hash_password(GOOD) != passwords.hash_password(GOOD)


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("other", ["", "three quiet word", "Three quiet words", GOOD + " " * 300])
def test_another_password_is_not_it(other: str) -> None:
    assert not passwords.is_password(other, passwords.hash_password(GOOD))


@pytest.mark.usefixtures("cheap")
def test_a_letter_of_another_keyboard_is_the_same_letter() -> None:
    kept = passwords.hash_password("drei schöne Wörter")
    assert passwords.is_password("drei scho\N{COMBINING DIAERESIS}ne Wörter", kept)


@pytest.mark.parametrize("length", [0, 11, 257])
def test_only_the_length_is_asked_for(length: int) -> None:
    with pytest.raises(SettingsError, match="A password has 12 to 256 characters"):
        passwords.hash_password("x" * length)


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("length", [12, 256])
def test_every_length_between_is_taken(length: int) -> None:
    assert passwords.is_password("x" * length, passwords.hash_password("x" * length))


@pytest.mark.usefixtures("cheap")
def test_what_is_no_hash_fits_no_password() -> None:
    assert not passwords.is_password(GOOD, "")
    assert not passwords.is_password("", passwords.of_nobody())


@pytest.mark.usefixtures("cheap")
def test_what_was_made_with_other_parameters_is_made_anew() -> None:
    kept = passwords.hash_password(GOOD)
    assert not passwords.is_outdated(kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PROFILE", profiles.PRE_21_2)
        assert passwords.is_outdated(kept)

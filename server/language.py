"""The language and the habits in which people are told: English, or what a catalogue has of it.

Text is marked with `_` or `ngettext` where it is told, and with `N_` where it is only named, to be
given to `_` later. Whoever asks is told in one language from the first to the last line of a page:
`server.spoken` sets it. Without a request it is English, as on the command line and in the API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from babel import Locale, UnknownLocaleError

__all__ = [
    "CATALOGUES",
    "DOMAIN",
    "LANGUAGES",
    "N_",
    "SOURCE",
    "Language",
    "_",
    "decimal_sign",
    "gettext",
    "load",
    "locale",
    "negotiated",
    "ngettext",
    "number",
    "raw_ngettext",
    "speaking",
    "translated",
]

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Language:
    """A language that pages are told in.

    Parameters
    ----------
    name
        As it calls itself.
    region
        Whose habits are taken where a browser names none.
    month
        How CLDR writes the month of a day: shortened, or in full where a short one ends with a full
        stop that would meet that of a sentence.
    """

    name: str
    region: str
    month: str


SOURCE = "en"
"""The language that the texts in the code are in."""

LANGUAGES = {
    SOURCE: Language("English", "GB", "MMM"),
    "de": Language("Deutsch", "DE", "MMMM"),
}

DOMAIN = "crampwatch"
CATALOGUES = Path(__file__).parent / "locale"

_TAG = re.compile(r"([a-z]{2,3})((?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*(?:,|$)")
"""A language that a browser asks for (RFC 9110, section 12.5.4), in lower case."""

_ENGLISH = Locale(SOURCE, LANGUAGES[SOURCE].region)
_locale = ContextVar("locale", default=_ENGLISH)


def gettext(message: str) -> str:
    """Translate a message and leave its placeholders."""
    return _translations(locale().language).gettext(message)


def raw_ngettext(one: str, many: str, number: int) -> str:
    """Translate a message in the form that goes with a number, and leave its placeholders."""
    return _translations(locale().language).ngettext(one, many, number)


def _(message: str, **values: object) -> str:
    """Translate a message and fill in its placeholders; a percent sign of its own stands twice."""
    return gettext(message) % values


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """Translate a message as `_` does, in the form that goes with a number, which is ``num``."""
    return raw_ngettext(one, many, number) % ({"num": number} | values)


def N_(message: str) -> str:  # noqa: N802
    """Mark a message that is translated where it is told."""
    return message


def translated(texts: Mapping[K, str], **values: object) -> dict[K, str]:
    """Translate the marked messages of a table, in its order."""
    return {key: _(text, **values) for key, text in texts.items()}


def locale() -> Locale:
    """Give the language that is spoken, and in whose habits."""
    return _locale.get()


@contextmanager
def speaking(spoken: Locale) -> Iterator[None]:
    """Speak a language meanwhile."""
    token = _locale.set(spoken)
    try:
        yield
    finally:
        _locale.reset(token)


def negotiated(accepted: str, chosen: str = "") -> Locale:
    """Give the language to tell somebody in.

    Parameters
    ----------
    accepted
        What the browser asks for, as in ``Accept-Language``.
    chosen
        The language that its user has chosen here; empty where none is.
    """
    asked = sorted(
        (-float(weight or 1), place, language, region.rpartition("-")[2].upper())
        for place, (language, region, weight) in enumerate(_TAG.findall(accepted.lower()))
    )
    wanted = [chosen] if chosen in LANGUAGES else LANGUAGES
    for weight, _place, language, region in asked:
        if weight and language in wanted:
            return _with_region(language, region)
    return _with_region(chosen if chosen in LANGUAGES else SOURCE, "")


def _with_region(language: str, region: str) -> Locale:
    try:
        return Locale(language, region or LANGUAGES[language].region)
    except UnknownLocaleError:
        return Locale(language, LANGUAGES[language].region)


def number(value: float, digits: int = 0) -> str:
    """Write a number, rounded as it is over the API, with the decimal sign of the language."""
    return f"{value:.{digits}f}".replace(".", decimal_sign())


def decimal_sign() -> str:
    """Give what stands before the decimals of a number."""
    sign: str = locale().number_symbols["latn"]["decimal"]
    return sign


def load() -> None:
    """Read every catalogue, so that nobody who asks for a page has to wait for it."""
    for language in LANGUAGES:
        _translations(language)


@cache
def _translations(language: str) -> NullTranslations:
    if language == SOURCE:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)

"""What the wearer told of cramps, summed up in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from server.answers import GivenAnswer
from server.kept_tables import Leg, Muscle
from server.language import _, decimal_sign, ngettext
from server.question_words import HELPED, LEGS, MUSCLES
from server.report.parts import Part, Table, Text, cut

__all__ = ["told_of_cramps"]

MOST_HELPED = 6
"""What helped that is listed, the most frequent: a line."""

MOST_HELPED_CHARS = 40
"""Characters of what helped: people may write a sentence."""


def told_of_cramps(told: Sequence[GivenAnswer]) -> Part:
    """Sum up pain, length, place and what helped."""
    if not told:
        return Text(_("Nothing was told."))
    pains = [each.pain for each in told if each.pain is not None]
    lengths = [each.hurt_min for each in told if each.hurt_min is not None]
    helped: dict[str, int] = {}
    for each in told:
        for what in filter(None, each.helped.split(", ")):
            helped[what] = helped.get(what, 0) + 1
    most = sorted(helped, key=lambda what: (-helped[what], what))[:MOST_HELPED]
    rows = (
        (_("Pain, 0 to 10"), _spread(pains, len(told), "")),
        (_("How long it hurt"), _spread(lengths, len(told), " min")),
        (_("Leg"), _tally([each.leg for each in told], LEGS)),
        (_("Muscle"), _tally([each.muscle for each in told], MUSCLES)),
        (
            _("What helped"),
            ", ".join(
                f"{cut(_(HELPED.get(what, what)), MOST_HELPED_CHARS)} {helped[what]}"
                for what in most
            )
            or _("not told"),
        ),
    )
    cramps = ngettext("%(num)s cramp", "%(num)s cramps", len(told))
    return Table((_("Of the cramps told"), cramps), rows)


def _spread(values: Sequence[float], of: int, unit: str) -> str:
    if not values:
        return _("not told")
    return _(
        "%(least)s to %(most)s%(unit)s, half of them %(median)s or more (told of %(number)s of "
        "%(all)s)",
        least=_shortest(min(values)),
        most=_shortest(max(values)),
        unit=unit,
        median=_shortest(median(values)),
        number=len(values),
        all=of,
    )


def _shortest(value: float) -> str:
    return f"{value:g}".replace(".", decimal_sign())


def _tally(values: Sequence[object], names: Mapping[Leg, str] | Mapping[Muscle, str]) -> str:
    found = [(name, values.count(each)) for each, name in names.items()]
    told = [f"{_(name)} {number}" for name, number in found if number]
    missing = sum(each is None for each in values)
    if not told:
        return _("not told")
    if missing:
        told[-1] += "; " + _("not told of %(number)s", number=missing)
    return ", ".join(told)

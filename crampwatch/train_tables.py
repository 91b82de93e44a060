"""Tables of a training: what is found of each source left out, what is missed, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from crampwatch.progress import show_step

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from detector.classifier import Model
    from models.study.table import Table

__all__ = ["figures"]


def figures(
    table: Table,
    model: Model,
    unseen: npt.NDArray[np.float64],
    at_home: npt.NDArray[np.float64],
    seed: int,
) -> list[str]:
    """Lay out all that is told of a model, in lines of Markdown.

    Parameters
    ----------
    unseen, at_home : shape (awakenings,)
        Log-odds by models that have not seen the family, and that have, but not the person.
    """
    probability = model.calibrated.probability(unseen)
    return [
        *_by_source(table, unseen, at_home, seed),
        "",
        *_curve(table, unseen, seed),
        "",
        *_apart(table, unseen, seed),
        "",
        *_at_the_standings(table, probability, model, seed),
        "",
        *_calibration(table, probability, model, seed),
        "",
        *_by_cause(table, probability, model, seed),
        "",
        *_by_device(table, probability, model),
        "",
        *_errors(table, unseen, seed),
        "",
        *_looks_like(table, seed),
        "",
        *_by_group(table, unseen, seed),
        "",
        f"Trained on all of them: `likely` from {model.likely_from:.3f}, `possible` from "
        f"{model.possible_from:.3f}; slope {model.calibrated.slope:.3f}, intercept "
        f"{model.calibrated.intercept:.3f}.",
    ]


def _by_source(
    table: Table,
    unseen: npt.NDArray[np.float64],
    at_home: npt.NDArray[np.float64],
    seed: int,
) -> list[str]:
    from models.study.baselines import BASELINES
    from models.study.found import RATES, find_at_each
    from models.training.cramps import signature_alone

    rows = [
        "| source left out | score | visible cramps | "
        + " | ".join(f"found at {rate:g} a night" for rate in RATES)
        + " |",
        "| --- | --- | --- |" + " --- |" * len(RATES),
    ]
    for source in table.sources:
        theirs, at = table.of_source(source)
        scores = {
            "**model**": unseen[at],
            "model at home, on other people": at_home[at],
            "signature alone": signature_alone(theirs),
            **{name: rule(theirs) for name, rule in BASELINES.items()},
        }
        for name, score in scores.items():
            found = find_at_each(theirs, score, RATES, seed=seed)
            figures = " | ".join(_with_interval(e.share, e.low, e.high) for e in found)
            rows.append(f"| {source} | {name} | {theirs.visible.sum()} | {figures} |")
    return rows


def _apart(table: Table, unseen: npt.NDArray[np.float64], seed: int) -> list[str]:
    """Lay out what is found of the cramps that are hard to see, by source and in the mean."""
    from models.study.apart import GROUPS
    from models.study.found import RATES

    parts = _shares_of_groups(table, unseen, RATES, GROUPS, seed)
    at = " | ".join(f"found at {rate:g} a night" for rate in RATES)
    rows = [
        f"| visible cramps, mean over the sources left out | of | {at} |",
        "| --- | --- |" + " --- |" * len(RATES),
    ]
    for group in GROUPS:
        having = [of_groups[group] for of_groups in parts.values() if of_groups[group].of]
        if having:
            means = " | ".join(_means(having, place) for place in range(len(RATES)))
            rows.append(f"| {group} | {sum(each.of for each in having)} | {means} |")
    rows += [
        "",
        "Found at " + ", ".join(f"{rate:g}" for rate in RATES) + " a night, and of how many:",
        "",
        f"| source left out | {' | '.join(GROUPS)} |",
        "| --- |" + " --- |" * len(GROUPS),
    ]
    for source, of_groups in parts.items():
        cells = (
            f"{', '.join(f'{of_rate[0]:.2f}' for of_rate in shares)} of {of}" if of else "none"
            for of, shares in of_groups.values()
        )
        rows.append(f"| {source} | {' | '.join(cells)} |")
    return rows


def _curve(table: Table, unseen: npt.NDArray[np.float64], seed: int) -> list[str]:
    """Lay out the whole curve: the share found at each rate of false alarms."""
    from models.study.apart import ALL
    from models.study.found import CURVE

    of_all = [
        of_groups[ALL]
        for of_groups in _shares_of_groups(table, unseen, CURVE, (ALL,), seed).values()
    ]
    head = " | ".join(table.sources)
    rows = [
        f"| false alarms a clean night | mean over the sources left out | {head} |",
        "| --- | --- |" + " --- |" * len(of_all),
    ]
    for place, rate in enumerate(CURVE):
        each = " | ".join(f"{shares[place][0]:.2f}" for _, shares in of_all)
        rows.append(f"| {rate:g} | {_means(of_all, place)} | {each} |")
    return rows


class _Shares(NamedTuple):
    """How many cramps there were, and the share found at each rate: of everybody, then drawn."""

    of: int
    found: npt.NDArray[np.float64]


def _shares_of_groups(
    table: Table,
    unseen: npt.NDArray[np.float64],
    rates: Sequence[float],
    names: Sequence[str],
    seed: int,
) -> dict[str, dict[str, _Shares]]:
    """Read each source where its own clean nights have so many false alarms, group by group."""
    from models.study.apart import groups_of
    from models.study.found import shares_drawn

    shares: dict[str, dict[str, _Shares]] = {}
    for number, source in enumerate(table.sources):
        theirs, at = table.of_source(source)
        groups = groups_of(theirs)
        shares[source] = {
            name: _Shares(
                int(groups[name].happened.sum()),
                shares_drawn(
                    theirs,
                    unseen[at],
                    rates,
                    groups[name].rows,
                    groups[name].happened,
                    seed=seed + number,
                ),
            )
            for name in names
        }
    return shares


def _means(having: Sequence[_Shares], place: int) -> str:
    from models.study.apart import mean_share

    return _with_interval(*mean_share([each.found[place] for each in having]))


def _at_the_standings(
    table: Table, probability: npt.NDArray[np.float64], model: Model, seed: int
) -> list[str]:
    """Lay out what each standing would have claimed of the source left out."""
    from detector.evaluate import upper_rate
    from models.study.found import find_from
    from models.study.szcore import score_overlap

    rows = [
        "| source left out | standing | found | false alarms a night, 95 % below | by any overlap: "
        "found | false alarms a night, 95 % below |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for source, (theirs, at) in _parts_and_all(table).items():
        for standing, least in _standings(model).items():
            found = find_from(theirs, probability[at], least, seed=seed)
            overlap = score_overlap(theirs, probability[at] >= least)
            rows.append(
                f"| {source} | {standing} | {_with_interval(found.share, found.low, found.high)} "
                f"| {found.false_alarms_a_night:.2f}, {found.upper_a_night:.2f} "
                f"| {overlap.found} of {overlap.events} "
                f"| {overlap.false_alarms / overlap.worn_nights:.2f}, "
                f"{upper_rate(overlap.false_alarms, overlap.worn_nights):.2f} |"
            )
    return rows


def _calibration(
    table: Table, probability: npt.NDArray[np.float64], model: Model, seed: int
) -> list[str]:
    """Lay out the expected calibration error, of all awakenings and of those that are told."""
    from models.study.reliability import error_by_people, reliability

    stated, a_week = model.calibrated.cramps_per_awakening, model.calibrated.cramps_a_week
    rows = [
        "| calibration error | stated rate | stated, from `possible` on | own rate "
        "| own, bins of equal weight |",
        "| --- | --- | --- | --- | --- |",
    ]
    for source, (theirs, at) in _parts_and_all(table).items():
        held = reliability(theirs, probability[at], stated=stated, cramps_a_week=None)
        errors = [
            error_by_people(
                theirs, probability[at], stated=stated, cramps_a_week=rate, least=least, seed=seed
            )
            for rate, least in ((a_week, 0.0), (a_week, model.possible_from), (None, 0.0))
        ]
        figures = [_with_interval(*error, digits=3) for error in errors]
        rows.append(f"| {source} | {' | '.join(figures)} | {held.equal_weight:.3f} |")
    return rows


def _parts_and_all(table: Table) -> dict[str, tuple[Table, npt.NDArray[np.bool_]]]:
    """Give the table of each source, and of all, each with which rows are its."""
    import numpy as np

    parts = {source: table.of_source(source) for source in table.sources}
    return parts | {"**all together**": table.of_nights(np.ones(len(table.nights), np.bool_))}


def _standings(model: Model) -> dict[str, float]:
    return {"`likely`": model.likely_from, "with `possible`": model.possible_from}


def _by_cause(
    table: Table, probability: npt.NDArray[np.float64], model: Model, seed: int
) -> list[str]:
    """Lay out which cramps are found, and what is taken for one, over all sources left out."""
    from models.study.breakdown import cramps_found, taken_for_cramps

    rows = []
    for title, count in (
        ("cramps found", cramps_found),
        ("awakenings taken for cramps", taken_for_cramps),
    ):
        at_each = [count(table, probability >= least) for least in _standings(model).values()]
        rows += [
            f"| {title} | of | {' | '.join(_standings(model))} |",
            "| --- | --- | --- | --- |",
        ]
        for group, counted in at_each[0].items():
            shares = [each[group].share(table, seed=seed) for each in at_each]
            figures = " | ".join(_with_interval(*share) for share in shares)
            rows.append(f"| {group} | {counted.tally.of} | {figures} |")
        rows.append("")
    return rows[:-1]


def _by_device(table: Table, probability: npt.NDArray[np.float64], model: Model) -> list[str]:
    """Lay out the false alarms of each device."""
    import numpy as np

    from detector.evaluate import upper_rate

    devices = np.array([night.device for night in table.nights])
    rows = [
        "| false alarms a clean night, 95 % below | worn nights | "
        f"{' | '.join(_standings(model))} |",
        "| --- | --- | --- | --- |",
    ]
    for device in sorted(set(devices.tolist())):
        nights = (devices == device) & table.clean
        worn = float(table.worn_nights[nights].sum())
        counts = [
            int(np.sum((probability >= least) & table.harmless & nights[table.night]))
            for least in _standings(model).values()
        ]
        rates = [f"{count / worn:.2f}, {upper_rate(count, worn):.2f}" for count in counts if worn]
        rows.append(f"| {device} | {worn:.1f} | {' | '.join(rates or ['none', 'none'])} |")
    return rows


def _errors(table: Table, unseen: npt.NDArray[np.float64], seed: int) -> list[str]:
    """Lay out what is missed and what is taken for a cramp at each rate, by cause."""
    from models.study.breakdown import CAUSES, missed_by_cause
    from models.study.found import RATES, find_from, threshold_at

    missed: list[Counter[str]] = []
    taken: list[Counter[str]] = []
    for rate in RATES:
        missed.append(Counter())
        taken.append(Counter())
        for source in table.sources:
            theirs, at = table.of_source(source)
            threshold = threshold_at(theirs, unseen[at], rate)
            missed[-1] += missed_by_cause(theirs, unseen[at] >= threshold)
            taken[-1].update(find_from(theirs, unseen[at], threshold, seed=seed).false_alarms)
    at_each = " | ".join(f"at {rate:g} a night, of all" for rate in RATES)
    kinds = [kind for kind, _ in taken[-1].most_common()]
    return [
        f"| missed, of {table.visible.sum()}, by the first cause that holds | {at_each} |",
        "| --- |" + " --- |" * len(RATES),
        *(f"| {cause} | {_counts(cause, missed)} |" for cause in CAUSES),
        f"| all | {' | '.join(str(each.total()) for each in missed)} |",
        "",
        f"| false alarms on clean nights, by what they were | {at_each} |",
        "| --- |" + " --- |" * len(RATES),
        *(f"| {kind} | {_counts(kind, taken)} |" for kind in kinds),
        f"| all | {' | '.join(str(each.total()) for each in taken)} |",
    ]


def _counts(cause: str, counted: Sequence[Counter[str]]) -> str:
    return " | ".join(
        f"{each[cause]}, {each[cause] / max(each.total(), 1):.2f}" for each in counted
    )


def _looks_like(table: Table, seed: int) -> list[str]:
    """Lay out what awakenings that were no cramps are told to look like."""
    from models.study.told import likeliest, sureness, told_of_each
    from models.training.cramps import KINDS, kinds_told, kinds_unseen

    show_step("telling apart what was no cramp")
    was, probable = kinds_told(table), kinds_unseen(table, seed=seed)
    each = told_of_each(table, was, likeliest(KINDS, probable))
    sure = sureness(table, was, KINDS, probable, seed=seed)
    return [
        "| what it was | of | told rightly | the others told as, commonest two |",
        "| --- | --- | --- | --- |",
        *(
            f"| {kind} | {told.rightly.tally.of} "
            f"| {_with_interval(*told.rightly.share(table, seed=seed))} | "
            + (", ".join(f"{other} {count}" for other, count in [*told.taken_for.items()][:2]))
            + " |"
            for kind, told in each.items()
        ),
        "",
        f"The likeliest kind has a probability of {sure.said:.2f} in the mean and is right in "
        f"{sure.right:.2f}; expected calibration error "
        f"{_with_interval(sure.error, sure.low, sure.high, 3)}.",
    ]


def _by_group(table: Table, unseen: npt.NDArray[np.float64], seed: int) -> list[str]:
    """Lay out what each group of features is worth on sources not trained on."""
    import numpy as np

    from detector.features import FEATURE_GROUPS
    from models.study.baselines import without
    from models.study.found import RATES, find_at_each
    from models.training.cramps import log_odds_unseen

    rows = [
        "| features, mean over the sources left out | "
        + " | ".join(f"found at {rate:g} a night" for rate in RATES)
        + " |",
        "| --- |" + " --- |" * len(RATES),
    ]
    scores = {"all": unseen}
    for name, features in FEATURE_GROUPS.items():
        show_step(f"training without {name}")
        scores[f"without {name}"] = log_odds_unseen(without(table, features), seed=seed)
    parts = [table.of_source(source) for source in table.sources]
    for name, score in scores.items():
        found = [find_at_each(theirs, score[at], RATES, seed=seed) for theirs, at in parts]
        shares = np.mean([[each.share for each in at_each] for at_each in found], axis=0)
        rows.append(f"| {name} | {' | '.join(f'{share:.2f}' for share in shares)} |")
    return rows


def _with_interval(share: float, low: float, high: float, digits: int = 2) -> str:
    ends = "of one person" if isnan(low) else f"{low:.{digits}f}-{high:.{digits}f}"
    return f"{share:.{digits}f} ({ends})"

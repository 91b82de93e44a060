"""What the alerts go by: every number with its unit and its reason.

Numbers 'set by simulation' were chosen on other people than those reported on in docs/alerts.md,
so that the aims written there are met with the least delay.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RULES", "Rules"]


@dataclass(frozen=True, slots=True)
class Rules:
    """The constants of the three layers; there is one set, and tests and studies may try others."""

    valid_from_s: float = 4 * 3600.0
    """Seconds searched from which a night is valid: half of the eight hours from falling asleep to
    waking, as for saying 'none found'. Of a shorter night more is unknown than known."""

    mark_counts: float = 0.9
    """Probability at which a mark on the watch counts that is put down to no episode: at one cramp
    a week, with the 0.01 to 0.03 false marks a night that were measured, 0.82 to 0.93 are true."""

    learning_nights: int = 21
    """Nights in which only *persistent* can fire: three weeks, of which a weekly rhythm is seen
    three times."""

    least_known_nights: float = 14.0
    """Valid nights of a kind (answered, not answered) that have to be known before any of that kind
    can say 'more than usual': two weeks."""

    rest_nights: int = 14
    """Nights from one alert to the next at the least, whatever the layer."""

    held_back_nights: int = 91
    """Newest nights that are not yet taken for usual: a rise of one cramp a week that nobody has
    noticed for three months would otherwise become usual before it is found. Set by simulation."""

    held_back_share: float = 1 / 3
    """The most of the nights so far that are held back, so that there is a usual early on."""

    usual_half_life_nights: float = 728.0
    """Nights after which a night counts half for the usual: two years, as habits, medicines and age
    change over years, and a shorter memory knows the usual less well."""

    frozen_nights: int = 84
    """Nights for which a standing alert freezes the usual, at the most: after twelve weeks, what
    stands is the usual, and what would be more than that has to be noticed again."""

    prior_cramps: float = 1.0
    """Cramp nights that the usual begins with, as in the reference: one in half a week, so little
    that the learning time outweighs it."""

    prior_nights: float = 3.5
    """Nights in which the prior's cramp night was seen: half a week."""

    bunching_prior: float = 1.05
    """Cramps a night, variance over mean, that is assumed before anything is known: hardly any
    bunching."""

    bunching_weight: float = 8.0
    """Cramps that the assumed bunching is worth. Set by simulation."""

    swing_prior: float = 1.05
    """Weekly counts, variance over what chance explains, assumed before anything is known."""

    swing_weight: float = 6.0
    """Blocks that the assumed swing is worth. Set by simulation."""

    swing_block_nights: int = 14
    """Nights of a block in which the swing is measured: two, because a bad week keeps to no
    calendar, and blocks of one week would cut most bad weeks in two."""

    swing_stretch: float = 1.5
    """What a measured swing above one is multiplied by: some bad weeks are still cut in two, and
    what raised an alert was looked at with a swing that did not know of it. Set by simulation."""

    ratio_least: float = 1.7
    """Rise that *creeping* looks for at the least. It is less than the doubling to be found:
    where the usual is overestimated, a true doubling looks like less. Set by simulation."""

    ratio_most: float = 2.4
    """Rise that it looks for at the most, where the usual is so little that one cramp a week more
    would be a larger one. Set by simulation."""

    creeping_rates: tuple[float, ...] = (0.15, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0)
    """Cramps a week, as far as they can be told, for which the bars below are given."""

    creeping_bars: tuple[float, ...] = (2.1, 2.4, 2.9, 3.05, 3.25, 3.45, 3.65, 4.05)
    """Sum of evidence, in log-likelihood, at which *creeping* fires. Set by simulation."""

    creeping_swing: float = 3.0
    """How much the bar rises for each unit of swing above one. Set by simulation."""

    creeping_unsure: float = 0.6
    """How much higher the bar would be if all were mere probabilities: how sure those are is itself
    only estimated. Set by simulation."""

    sudden_nights: int = 7
    """Nights that *sudden* looks at: one week."""

    sudden_least_valid: int = 4
    """Valid nights of these that it needs: more than half."""

    sudden_chance: float = 0.0005
    """Chance below which a week is more than the usual explains. The reference has 0.01, for one
    week; judged every day, that alone would be a false alert a year."""

    sudden_ratio: float = 1.5
    """Rise that has to be likely as well, so that with a long history no small one is told."""

    sudden_certainty: float = 0.9
    """How likely that rise has to be."""

    frequent_share: float = 3 / 7
    """Three nights in seven. 'Frequent' has no official threshold; this is the product's choice."""

    frequent_nights: int = 14
    """Nights that *persistent* looks at."""

    frequent_least_valid: int = 8
    """Valid nights of these that it needs: more than half."""

    frequent_prior: tuple[float, float] = (1.0, 6.0)
    """Nights with and without cramps that it begins with: one in seven."""

    frequent_from: float = 0.93
    """Probability of three nights in seven or more at which it fires: 12 of 14 nights. The
    reference has 0.8, which two weeks by chance reach too often at three cramps a week."""

    frequent_ends_below: float = 0.02
    """Probability below which it clears. The reference has 0.4, around which somebody with three
    nights in seven would go to and fro."""

    frequent_ends_nights: int = 56
    """Nights that are looked at for clearing: eight weeks."""

    back_nights: int = 42
    """Nights that were no more than usual, all in all, for *sudden* or *creeping* to clear: with
    fewer, a pause of chance clears it, and it comes again. Set by simulation."""

    back_least_valid: int = 21
    """Valid nights of these that it needs: half."""

    habit_half_life_nights: float = 28.0
    """Answered or unanswered mornings after which one counts half for the habit of answering, by
    which a night without a question is put down to the one kind or the other."""


RULES = Rules()
"""The rules the product goes by."""

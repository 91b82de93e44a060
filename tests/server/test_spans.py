from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from detector.night import Span
from ingest.samples import NS_PER_S
from server.spans import common, seconds, united, without

spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda t: Span(t[0], sum(t)))
)


def moments(several: Iterable[Span]) -> set[int]:
    return {moment for span in several for moment in range(span.start_ns, span.end_ns)}


@given(spans)
def test_united_spans_hold_every_moment_once(several: list[Span]) -> None:
    joined = united(several)
    assert moments(joined) == moments(several)
    assert all(one.end_ns < other.start_ns for one, other in pairwise(joined))
    assert round(seconds(joined) * NS_PER_S) == len(moments(several))


@given(spans, spans)
def test_without_and_common_part_the_moments_between_them(
    one: list[Span], other: list[Span]
) -> None:
    assert moments(without(one, other)) == moments(one) - moments(other)
    assert moments(common(one, other)) == moments(one) & moments(other)
    assert all(span.start_ns < span.end_ns for span in (*without(one, other), *common(one, other)))

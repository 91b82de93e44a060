"""What is kept in memory of each wearer of a store, as long as both are there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from server.store import Store

__all__ = ["by_wearer", "forget_all_but"]

T = TypeVar("T")

_EVERYTHING: list[WeakKeyDictionary[Store, dict[str, Any]]] = []


def by_wearer() -> WeakKeyDictionary[Store, dict[str, T]]:
    """Make a place to keep something by the store and the id of the wearer."""
    made: WeakKeyDictionary[Store, dict[str, T]] = WeakKeyDictionary()
    _EVERYTHING.append(made)
    return made


def forget_all_but(store: Store, here: Collection[str]) -> None:
    """Forget whatever is kept of a wearer who is not here any more."""
    for each in _EVERYTHING:
        of_store = each.get(store, {})
        for wearer in set(of_store).difference(here):
            of_store.pop(wearer, None)

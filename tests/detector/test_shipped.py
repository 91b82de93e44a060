from __future__ import annotations

import pytest

from detector.shipped import read_shipped
from ingest.errors import ModelError


def test_a_model_that_is_missing_ends_in_a_sentence_with_advice() -> None:
    with pytest.raises(ModelError, match=r"none-1\.json cannot be read: No such file") as refused:
        read_shipped("none-1.json")
    assert str(refused.value).endswith("Install crampwatch again.")

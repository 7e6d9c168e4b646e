"""Lengths of time, as people read them."""

from __future__ import annotations

import pytest

from wizard.lengths import ago, roughly, span


@pytest.mark.parametrize(
    ("seconds", "whole", "rough"),
    [
        (0.4, "less than 1 s", "less than 1 s"),
        (3, "3 s", "3 s"),
        (252, "4 min 12 s", "4 min"),
        (7200, "2 h", "2 h"),
        (7201, "2 h", "2 h"),
        (7320, "2 h 2 min", "2 h"),
        (90_000, "1 day 1 h", "1 day"),
        (2 * 86_400 + 59, "2 days", "2 days"),
        (1500 * 86_400, "1,500 days", "1,500 days"),
    ],
)
def test_a_length_is_its_largest_unit_and_the_one_below(seconds: float, whole: str, rough: str) -> None:
    assert (span(seconds), span(-seconds), roughly(seconds)) == (whole, whole, rough)
    assert ago(-seconds) == f"{whole} ago"

"""Colours can be told apart: WCAG AA in light and dark."""

import re

import pytest

from config.mode import BASE_DIR

SHEET = (BASE_DIR / "config" / "static" / "config" / "desk.css").read_text()
TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "quiet", "accent") for ground in ("page", "surface", "raised")],
    *[(tone, f"{tone}-soft", TEXT) for tone in ("good", "warn", "bad", "accent")],
    *[("ink", f"{tone}-soft", TEXT) for tone in ("warn", "bad", "accent")],
    *[
        ("on-accent", "accent", TEXT),
        ("on-accent", "accent-deep", TEXT),
        ("bad", "surface", TEXT),
        ("warn", "surface", TEXT),
    ],
    *[("edge", "surface", EDGE), ("accent", "surface", EDGE)],
]


def colour(name: str, scheme: str) -> str:
    found = re.search(rf"--{name}: light-dark\((#\w{{6}}), (#\w{{6}})\);", SHEET)
    assert found, name
    return found.group(1 if scheme == "light" else 2)


def luminance(hex_colour: str) -> float:
    parts = [int(hex_colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.one_engine("colours stand in style sheets")
def test_the_measure_knows_black_from_white_and_grey_from_grey() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert contrast("#999999", "#ffffff") < EDGE


@pytest.mark.one_engine("colours stand in style sheets")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme: str) -> None:
    ratios = {(a, b): round(contrast(colour(a, scheme), colour(b, scheme)), 2) for a, b, _ in PAIRS}
    assert {pair: ratios[pair] for *pair_, least in PAIRS for pair in [tuple(pair_)] if ratios[pair] < least} == {}

"""Texts much like others, so that a corpus grows without its words getting scarcer or all the same."""

import random
import re

CHANGED = 0.05  # share of the Han characters that become others of the same text
FIGURES = 0.5  # share of the digits that become others

_CHANGEABLE = re.compile(r"[0-9\u4e00-\u9fff]")


def perturbed(text: str, seed: str) -> str:
    """A text of the same length in which some characters and figures are others; the same for the same seed.

    Characters are drawn from the text itself, so that frequent ones stay frequent; what points into the text by offsets
    still fits.
    """
    rng = random.Random(seed)
    han = [character for character in text if "\u4e00" <= character <= "\u9fff"]

    def change(match: re.Match) -> str:
        if match[0].isdigit():
            return rng.choice("0123456789") if rng.random() < FIGURES else match[0]
        return rng.choice(han) if rng.random() < CHANGED else match[0]

    return _CHANGEABLE.sub(change, text)

"""The table of mistakes in the documentation is the table of the code."""

from __future__ import annotations

import re
from pathlib import Path

from bpsym.verify.lines.slips import SLIPS
from bpsym.verify.words.contract import SENTENCES as OF_CALLS
from bpsym.verify.words.sentences import SENTENCES

TEXT = (Path(__file__).parents[2] / "docs" / "verify-codes.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| `([a-z-]+)` \| (.+?) \| ?(.*?) ?\|$", TEXT)


def test_each_code_is_there_once_with_an_example() -> None:
    codes = {*SENTENCES, *SLIPS, *(each.split()[0] for each in OF_CALLS)}
    assert sorted(code for code, _, _ in ROWS) == sorted(codes)
    assert all(example and (right or code == "unknown") for code, example, right in ROWS)

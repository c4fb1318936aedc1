"""What this machine has for making documents."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata

from bpsym.errors import EmitError
from bpsym.typeset.documents.compiled import EXTRA_HINT, FONT_HINT, fonts_for, typst_module
from bpsym.typeset.terminal.glyphs import UNICODE, glyphs_for

_SECONDS = 10


@dataclass(frozen=True)
class Finding:
    """One thing that formats need.

    found: its version, name or place; empty if it is not there.
    purpose: which formats need it. install: how to get it.
    """

    what: str
    found: str
    purpose: str
    install: str


def findings() -> tuple[Finding, ...]:
    """Everything that ``bpsym doctor`` reports; nothing here is an error."""
    return (
        Finding("typst", _typst(), "PDF, SVG, PNG", EXTRA_HINT),
        Finding("Chinese font", _chinese_font(), "PDF, SVG, PNG with --lang zh", FONT_HINT),
        Finding(
            "pdflatex",
            shutil.which("pdflatex") or "",
            "compiling what --format latex writes in English; writing it needs nothing",
            "apt install texlive-latex-recommended texlive-pictures",
        ),
        Finding(
            "ctex",
            _tex_file("ctexart.cls"),
            "compiling what --format latex writes in Chinese",
            "apt install texlive-lang-chinese texlive-xetex",
        ),
        Finding(
            "Greek in the terminal",
            (sys.stdout.encoding or "") if glyphs_for(sys.stdout.encoding) is UNICODE else "",
            "bpsym derive without --ascii",
            "set PYTHONUTF8=1, or take --ascii",
        ),
    )


def _typst() -> str:
    try:
        typst_module()
        return metadata.version("typst")
    except (EmitError, metadata.PackageNotFoundError):
        return ""


def _chinese_font() -> str:
    try:
        return fonts_for("zh")[-1]
    except EmitError:
        return ""


def _tex_file(name: str) -> str:
    """Where TeX finds a file of its own."""
    program = shutil.which("kpsewhich")
    if program is None:
        return ""
    try:
        run = subprocess.run(
            [program, name], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.strip()

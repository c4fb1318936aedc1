"""Where the templates are."""

from __future__ import annotations

from pathlib import Path

from bpsym.errors import EmitError

PACKAGE = Path(__file__).resolve().parent


def templates_dir(package: Path = PACKAGE) -> Path:
    """The folder that holds ``numpy/``, for the bpsym that is installed in ``package``.

    A working copy (the folder above the package holds bpsym's own pyproject.toml) reads its live
    ``templates/`` and nothing else, so that an edit counts at once; a wheel carries them inside
    the package.
    Errors: EmitError when the folder is not there.
    """
    root = package.parent
    place = root / "templates" if _is_working_copy(root) else package / "_templates"
    if not (place / "numpy").is_dir():
        raise EmitError.single(
            where="templates",
            what="the folder of the templates is missing",
            expected=f"a folder numpy in {place}",
            got="none",
            way_out="Install bpsym again, or restore templates/ in the working copy",
        )
    return place


def _is_working_copy(root: Path) -> bool:
    """Whether ``root`` is bpsym's repository, and not a folder of installed packages."""
    try:
        project = (root / "pyproject.toml").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return 'name = "bpsym"' in project.splitlines()

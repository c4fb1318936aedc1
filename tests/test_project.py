"""The project's own promises: a light start, commands that exist, imports in one direction."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import bpsym

ROOT = Path(__file__).parents[1]

# What `import bpsym` and `bpsym --help` must not pay for.
HEAVY = {"jinja2", "mpmath", "numpy", "sympy"}

# A package imports from itself and from what stands before it; other modules are free.
LAYERS = (
    "errors",
    "text",
    "calculus",
    "proof",
    "network",
    "arrays",
    "emit",
    "worked",
    "typeset",
    "verify",
    "cli",
)


def imported_by(*arguments: str) -> set[str]:
    """Top-level names of all modules that ``python *arguments`` loads; it must exit with 0."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = re.findall(r"^import time: .*\| +(\S+)$", run.stderr, flags=re.MULTILINE)
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize(
    "arguments",
    [("-c", "import bpsym"), ("-m", "bpsym", "--help")],
    ids=" ".join,
)
def test_a_light_start(arguments):
    loaded = imported_by(*arguments)
    assert "bpsym" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("module", sorted(HEAVY))
def test_a_heavy_start_would_be_seen(module):
    assert module in imported_by("-c", f"import {module}")


def makefile_targets() -> set[str]:
    """The targets that the Makefile declares as commands."""
    (line,) = re.findall(r"^\.PHONY:(.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    return set(line.split())


def make_commands(markdown: str) -> set[str]:
    """Targets of the ``make`` commands in a document's code, fenced or between backquotes."""
    fenced = re.findall(r"^```.*?^```", markdown, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    in_lines = re.findall(r"^\s*(?:\$ )?make ([\w-]+)", "\n".join(fenced), flags=re.MULTILINE)
    return {*in_lines, *re.findall(r"`make ([\w-]+)[^`]*`", prose)}


def test_make_commands_are_found_in_code_only():
    text = "make sure of `make one`.\n```sh\n$ make two PYTHON=python3.12\nmake three\n```\n"
    assert make_commands(text) == {"one", "two", "three"}


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_documents_name_commands_that_exist(document):
    commands = make_commands((ROOT / document).read_text(encoding="utf-8"))
    assert {"demo", "test"} <= commands
    assert commands <= makefile_targets()


def test_every_make_target_has_a_recipe_and_a_line_of_help():
    makefile = (ROOT / "Makefile").read_text()
    recipes = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    helped = set(re.findall(r'@echo "make (\w+) ', makefile))
    assert makefile_targets() == recipes == helped | {"help"}


def test_ci_runs_make_test():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text().splitlines() if not line.startswith("#")]
    assert any(re.search(r"\bmake\b.* test\b", line) for line in commands)


def test_the_changelog_has_the_version():
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1] == bpsym.__version__


def imports_of(source: str) -> Iterator[str]:
    """Dotted names of all modules that a source imports, in its functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "bpsym":
            yield from (f"bpsym.{name.name}" for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def layer_of(module: str) -> int | None:
    """The place of a module in LAYERS, None for one outside of them."""
    parts = module.split(".")
    inside = len(parts) > 1 and parts[0] == "bpsym" and parts[1] in LAYERS
    return LAYERS.index(parts[1]) if inside else None


def wrong_imports(module: str, source: str) -> list[str]:
    """What a module imports from layers that stand after its own."""
    own = layer_of(module)
    if own is None:
        return []
    return [name for name in imports_of(source) if (layer_of(name) or 0) > own]


MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "bpsym").rglob("*.py"))
}


@pytest.mark.parametrize("module", MODULES)
def test_a_package_imports_what_stands_before_it(module):
    assert wrong_imports(module, MODULES[module]) == []


def test_an_import_of_what_stands_after_would_be_seen():
    planted = "import bpsym.text.door\n\ndef late():\n    from bpsym.network import build\n"
    assert wrong_imports("bpsym.calculus.rule", planted) == ["bpsym.network"]


def test_every_imported_package_is_a_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=]", requirement)[0] for requirement in project["dependencies"]}
    imported = {
        name.partition(".")[0]
        for module, source in MODULES.items()
        if module != "bpsym.pytest_plugin"  # pytest loads it, and nothing else does
        for name in imports_of(source)
    }
    extras = {
        re.split(r"[<>=]", requirement)[0]
        for group in project["optional-dependencies"].values()
        for requirement in group
    }
    needed = imported - sys.stdlib_module_names - {"bpsym"}
    assert needed - extras == declared

"""Rewrite generated/, or check that it is what it would be rewritten to.

    python -m bpsym.emit.regenerate            write, and delete what no longer belongs
    python -m bpsym.emit.regenerate --check    exit 1 on any difference, missing or extra file

The networks are the files of generated/networks/, each with the layouts that its name asks for.
"""

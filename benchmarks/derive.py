"""From a topology to the text of its module: CPU time in fresh processes.

    python benchmarks/derive.py [--runs N]

First the stages alone, with everything imported beforehand and no proof; then whole processes,
as ratios to one that only imports sympy, numpy, jinja2 and click. Figures are medians.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]

# All that the timed part imports is imported before; nothing has been derived yet. sympy imports
# sympy.tensor.tensor at the first sum: about 20 ms that belong to its import.
TIMED = """
import sys, time
import sympy, sympy.tensor.tensor, numpy, jinja2, click
import bpsym.api, bpsym.network.build, bpsym.calculus.derivation
import bpsym.arrays.layout, bpsym.arrays.program, bpsym.emit.module, bpsym.emit.render
start = time.process_time()
bpsym.generate(sys.argv[1], prove=False)
print(time.process_time() - start)
"""

SPECS = {  # shown as: SPEC, goal in seconds
    "2-3-3-1": ("2-3-3-1", 0.020),
    "784-128-10": ("784-128:tanh-10:softmax", 0.030),
    "784-512-512-10": ("784-512:relu-512:relu-10:softmax", 0.030),
    "64 x 50": ("-".join(["64"] * 51), None),
    "64 x 200": ("-".join(["64"] * 201), 0.050),
    "64 x 1000": ("-".join(["64"] * 1001), 0.25),
}

# name: arguments of python, goal as a ratio
PROCESSES = {
    "import sympy, numpy, jinja2, click": (["-c", "import sympy, numpy, jinja2, click"], None),
    "bpsym generate 2-3-3-1 --no-prove": (
        ["-m", "bpsym", "generate", "2-3-3-1", "--no-prove"],
        1.3,
    ),
    "bpsym generate 2-3-3-1": (["-m", "bpsym", "generate", "2-3-3-1"], 2.0),
}


def run(arguments: list[str]) -> tuple[float, str]:
    """CPU seconds of a fresh Python process, its children's included, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, done.stdout


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5, help="processes for each figure")
    runs = parser.parse_args().runs
    print("| network | derive + emit, ms | goal, ms |\n|---|---|---|")
    for title, (spec, goal) in SPECS.items():
        times = [float(run(["-c", TIMED, spec])[1]) for _ in range(runs)]
        wanted = f"{goal * 1e3:.0f}" if goal else ""
        print(f"| {title} | {median(times) * 1e3:.0f} | {wanted} |", flush=True)
    print("\n| process | CPU, ms | ratio | goal |\n|---|---|---|---|")
    times = {title: [] for title in PROCESSES}
    for _ in range(runs):
        for title, (arguments, _) in PROCESSES.items():
            times[title].append(run(arguments)[0])
    base = times[next(iter(PROCESSES))]
    for title, (_, goal) in PROCESSES.items():
        ratio = median(mine / theirs for mine, theirs in zip(times[title], base, strict=True))
        shown = f"{goal:.1f}" if goal else ""
        print(f"| {title} | {median(times[title]) * 1e3:.0f} | {ratio:.2f} | {shown} |")


if __name__ == "__main__":
    main()

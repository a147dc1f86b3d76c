"""`make bench`: every bench_*.py beside this file, each figure as a ratio to a floor measured in the same run.

A bench module exposes `rows()`: (target number of the design, what, ratio, target, detail). Nothing here can fail a
build: machines differ, and a ratio is read by a person.
"""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
BY_NAME_ONLY = {"peers"}
"""What installs other people's servers is run when it is asked for."""
sys.path.insert(0, str(HERE.parents[1]))


def bench(path: Path) -> list[tuple[str, str, float, str, str]]:
    """Runs one module and returns its rows."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module.rows()


def main() -> None:
    """Runs all of them, or those named on the command line."""
    wanted = set(sys.argv[1:])
    console = Console(width=150)
    table = Table(title=f"ratios to floors, Python {platform.python_version()}, {platform.machine()}")
    for column in ("target", "what", "ratio", "wanted", "detail"):
        table.add_column(column, justify="right" if column == "ratio" else "left")
    for path in sorted(HERE.glob("bench_*.py")):
        name = path.stem.removeprefix("bench_")
        if name in wanted or not wanted | BY_NAME_ONLY & {name}:
            console.print(f"running {path.stem} ...", style="dim")
            for number, what, ratio, target, detail in bench(path):
                table.add_row(number, what, f"{ratio:.2f}", target, detail)
    console.print(table)


if __name__ == "__main__":
    main()

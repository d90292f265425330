"""All benchmarks: a table of what is promised and what is measured, and JSON in `bench/results`.

    make bench                                  everything, about 15 minutes
    python -m bench --quick --only fanout       one benchmark, short turns

The server runs on one core and the load on the other, each figure beside a floor of the same run;
what is shown are medians of several turns. Nothing else should run on the machine.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.machine import LOAD_CORE, ROOT, allow_many_files, load_average, machine, pin, rounded
from bench.runs import Run

BENCHMARKS = (
    "fanout", "query", "reports", "latency", "scale", "availability", "reserving", "scanning",
    "settling",
)  # fmt: skip
MODULES = {"reports": "durable"}
RESULTS = ROOT / "bench" / "results"
LOAD_MAX = 0.7
COMPARISONS = {">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 1 if a target is missed."""
    options = _options(arguments)
    console = Console(stderr=True)
    pin(LOAD_CORE)
    allow_many_files()
    about = machine()
    if about["load_average"][0] > LOAD_MAX:
        told = about["load_average"]
        console.print(
            f"The machine is busy already (load {told}): figures will be low.", style="yellow"
        )
    seconds, turns = (2.0, 1) if options.quick else (5.0, 3)
    run = Run(options.seconds or seconds, options.turns or turns, options.quick, console.print)
    found: dict[str, Any] = {}
    rows: list[Any] = []
    has_failed = False
    for name in options.only or BENCHMARKS:
        try:
            rows += _measure(name, run, found)
        except AssertionError as error:  # a check on what was delivered: its figures are worthless
            console.print(f"{name} FAILED: {error}", style="red")
            found[name] = {"failed": str(error)}
            has_failed = True
    path = _write(about, run, found, rows)
    _show(Console(), rows)
    console.print(f"All figures: {path.relative_to(ROOT)}")
    are_met = all(COMPARISONS[how](value, wanted) for _, _, value, how, wanted in rows)
    return 0 if are_met and not has_failed else 1


def _measure(name: str, run: Run, found: dict[str, Any]) -> list[Any]:
    """Run one benchmark, keep its figures, and give its rows of the table."""
    module = import_module(f"bench.{MODULES.get(name, name)}")
    before = load_average()
    measured = module.measure(run)
    found[name] = rounded({"load_average_before": before, "figures": measured})
    return [(name, *target) for target in module.targets(measured)]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("bench", description=__doc__, formatter_class=raw)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="may be repeated")
    parser.add_argument("--quick", action="store_true", help="one short turn of each")
    parser.add_argument("--seconds", type=float, help="length of a turn")
    parser.add_argument("--turns", type=int, help="turns of each kind")
    return parser.parse_args(arguments)


def _write(about: dict[str, Any], run: Run, found: dict[str, Any], rows: list[Any]) -> Any:
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path = RESULTS / f"{at}-{'-'.join(found)}{'-quick' if run.is_quick else ''}.json"
    targets = [
        {"benchmark": name, "what": what, "value": rounded(value), "target": f"{how} {wanted}"}
        for name, what, value, how, wanted in rows
    ]
    told = {
        "machine": about,
        "seconds_a_turn": run.seconds,
        "turns": run.turn_count,
        "targets": targets,
        "benchmarks": found,
        "load_average_after": load_average(),
    }
    path.write_text(json.dumps(told, indent=2) + "\n")
    return path


def _show(console: Console, rows: list[Any]) -> None:
    table = Table("benchmark", "what", "measured", "target", "")
    for name, what, value, how, wanted in rows:
        is_met = COMPARISONS[how](value, wanted)
        target = f"{'≥' if how == '>=' else '≤'} {wanted:g}"
        mark = "[green]met[/]" if is_met else "[red]missed[/]"
        table.add_row(name, what, f"{value:,.4g}", target, mark)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())

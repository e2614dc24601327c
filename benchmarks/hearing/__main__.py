"""Compare callscore with faster-whisper, whisper-ctranslate2 and whisperX: same files, same weights, same labels, one run.

Run: python -m benchmarks.hearing [--layout stereo mono english] [--files 'd00*'] [--limit-minutes 10] [--repeats 3]
     [--contenders callscore batched] [--ctranslate2-command PATH] [--device cuda] [--out DIR]

Every recogniser runs in a process of its own, in turns, and hears with whisper-base in int8 and a beam of 5: callscore by
`callscore ingest` from files to stored words and verdicts, the others each leg as 16 kHz samples. Decoding counts; loading
models is reported apart. Progress goes to stderr, the tables to stdout, everything to results.json in the folder of --out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from benchmarks.hearing.calls import Wanted, find_calls
from benchmarks.hearing.compare import Plan, compare
from benchmarks.hearing.contenders import CONTENDERS, run_one
from benchmarks.hearing.machine import describe_machine
from benchmarks.hearing.records import LAYOUTS
from benchmarks.hearing.table import json_rows, markdown
from callscore.errors import CallscoreError
from callscore.registry import find_model

SHARED = Path(__file__).resolve().parents[3] / "shared"


def main() -> None:
    """Compare, or do one recogniser's job in this process."""
    options = _parse()
    if options.one:
        run_one(options.job, options.result)
        return
    wanted = Wanted(
        calls_dir=options.calls,
        english_dir=options.english,
        layouts=LAYOUTS if "all" in options.layout else tuple(options.layout),
        files=tuple(options.files),
        limit_minutes=options.limit_minutes,
    )
    plan = _plan(options)
    rows = compare(plan, find_calls(wanted))
    tables = markdown(rows)
    sys.stdout.write(tables + "\n")
    options.out.mkdir(parents=True, exist_ok=True)
    results = {"machine": describe_machine(), "repeats": options.repeats, "threads": plan.threads, "rows": json_rows(rows)}
    (options.out / "results.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (options.out / "table.md").write_text(tables, encoding="utf-8")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=Path, default=SHARED / "calls", help="labelled calls: recordings and truth.jsonl")
    parser.add_argument("--english", type=Path, default=SHARED / "audio" / "vcon", help="English calls with .ref.json")
    parser.add_argument("--layout", nargs="+", choices=(*LAYOUTS, "all"), default=["all"])
    parser.add_argument("--files", nargs="+", default=[], metavar="GLOB", help="only files whose names fit")
    parser.add_argument("--limit-minutes", type=float, default=0.0, help="per layout; 0: no limit")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--ctranslate2-command", default="", metavar="PATH", help="where whisper-ctranslate2 lies")
    parser.add_argument("--model", default="whisper-base", help="a name from `callscore models list`")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="cuda: also on the GPU")
    parser.add_argument("--out", type=Path, default=Path("data/hearing"), help="folder for results.json and the rest")
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--job", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _plan(options: argparse.Namespace) -> Plan:
    try:
        weights = find_model(options.model)
    except CallscoreError as error:
        raise SystemExit(f"error: {error.message}\n  try: {error.hint}") from error
    command = options.ctranslate2_command or shutil.which("whisper-ctranslate2", path=_search_path()) or ""
    absent = {name: "not installed" for name, contender in CONTENDERS.items() if not contender.is_installed()}
    if not command:
        absent["ctranslate2"] = "not installed"
    runs = [(name, "cpu") for name in options.contenders]
    if options.device == "cuda":
        runs += [(name, "cuda") for name in options.contenders if CONTENDERS[name].runs_on_gpu]
    return Plan(
        contenders=tuple(runs),
        repeats=max(1, options.repeats),
        model=str(weights.folder),
        threads=len(os.sched_getaffinity(0)),
        commands={"ctranslate2": command},
        absent=absent,
    )


def _search_path() -> str:
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


if __name__ == "__main__":
    main()

"""Compare callscore with faster-whisper, whisper-ctranslate2 and whisperX: same files, same weights, same labels, one run.

Run: python -m benchmarks.hearing [--layout stereo mono english quiet] [--files 'd00*'] [--limit-minutes 10] [--repeats 3]
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
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.hearing.calls import Wanted, find_calls
from benchmarks.hearing.compare import Plan, compare, say
from benchmarks.hearing.contenders import CONTENDERS, run_one
from benchmarks.hearing.machine import describe_machine, gpu_name, machine_line
from benchmarks.hearing.quiet import find_sounds
from benchmarks.hearing.records import LAYOUTS, LabelledCall
from benchmarks.hearing.table import charts, json_rows, markdown
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
    with tempfile.TemporaryDirectory() as name:
        rows = compare(plan, _calls(wanted, options.audio, Path(name)))
    machine = describe_machine()
    results = {"machine": machine, "repeats": plan.repeats, "threads": plan.threads, "rows": json_rows(rows)}
    tables = f"{markdown(rows)}\n{machine_line(machine)}; {plan.repeats} runs, the median with the slowest and the fastest.\n"
    sys.stdout.write(tables)
    options.out.mkdir(parents=True, exist_ok=True)
    written = {"results.json": json.dumps(results, ensure_ascii=False, indent=1) + "\n", "table.md": tables, **charts(rows)}
    for name, text in written.items():
        (options.out / name).write_text(text, encoding="utf-8")
    say(f"written to {options.out}: {', '.join(written)}")


def _calls(wanted: Wanted, audio_dir: Path, folder: Path) -> list[LabelledCall]:
    """Return the labelled calls and the quiet sounds that are wanted."""
    layouts = tuple(layout for layout in wanted.layouts if layout != "quiet")
    calls = list(find_calls(replace(wanted, layouts=layouts))) if layouts else []
    if "quiet" in wanted.layouts:
        halves = find_calls(replace(wanted, layouts=("stereo", "mono"), files=(), limit_minutes=0))
        calls += find_sounds(audio_dir, halves, folder)
    return calls


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=Path, default=SHARED / "calls", help="labelled calls: recordings and truth.jsonl")
    parser.add_argument("--english", type=Path, default=SHARED / "audio" / "vcon", help="English calls with .ref.json")
    parser.add_argument("--audio", type=Path, default=SHARED / "audio", help="sounds in which nobody speaks: hold/ and others")
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
    if options.device == "cuda" and not gpu_name():
        raise SystemExit("error: nvidia-smi names no GPU here\n  try: --device cpu")
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

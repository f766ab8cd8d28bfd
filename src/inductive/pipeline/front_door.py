"""`inductive run`: Snakemake behind a progress bar, and one line per finished run."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from inductive.core.files import clamp_future_mtimes
from inductive.core.layout import Layout
from inductive.core.parameters import project_folder
from inductive.pipeline.parameters import load
from inductive.pipeline.plan import Plan

LINES = {
    "train": "trained",
    "evaluate": "measured",
    "look": "compared",
    "section": "drawn",
    "verdicts": "judged",
}
"""Rule -> the word for a finished job."""


def run_studies(preset: str, studies: list[str], cores: int | None) -> int:
    """Run the studies (all where none is named) of a preset with Snakemake in the current folder.

    All of Snakemake's own output goes to logs/<preset>/snakemake.log. Returns its exit code.
    Raises InputError for wrong parameters, before Snakemake starts.
    """
    overrides: dict[str, object] = {"preset": preset}
    if studies:
        overrides["studies"] = studies
    params = load(Path(), overrides)
    Plan(params, Layout())  # what is wrong is reported here, not in Snakemake's log
    log = Path("logs") / params.preset / "snakemake.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    clamp_future_mtimes(log.parent)
    command = _command(preset, studies, cores)
    with open(log, "w", encoding="utf-8") as stream:
        code = _follow(command, stream.write)
    page = Layout().preset(params.preset).report / "index.html"
    if code == 0 and studies:
        print("It shows these studies only; without names, the others are added to it.")
    print(f"The page: {page}" if code == 0 else f"Stopped; the whole output is in {log}")
    return code


def _command(preset: str, studies: list[str], cores: int | None) -> list[str]:
    project = project_folder(Path())
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores or "all")]
    command += ["--snakefile", str(project / "Snakefile"), "--directory", "."]
    command += ["--workflow-profile", str(project / "profiles" / "default")]
    command += ["--config", f"preset={preset}"]
    return [*command, f"studies=[{','.join(studies)}]"] if studies else command


def _follow(command: list[str], record: Callable[[str], object]) -> int:
    """Run Snakemake, record its output, and show the lines that concern the user."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert process.stdout is not None
    with tqdm(unit="job", disable=None, dynamic_ncols=True) as bar:
        try:
            for event in _events(_recorded(process.stdout, record)):
                if isinstance(event, tuple):
                    bar.n, bar.total = event
                    bar.refresh()
                else:
                    tqdm.write(event)
        except KeyboardInterrupt:  # Snakemake also gets the signal and ends its jobs
            process.send_signal(signal.SIGINT)
    return process.wait()


def _recorded(lines: Iterable[str], record: Callable[[str], object]) -> Iterator[str]:
    for line in lines:
        record(line)
        yield line


def _events(lines: Iterable[str]) -> Iterator[str | tuple[int, int]]:
    """From Snakemake's lines: (jobs done, jobs in all), and one line per finished or failed job."""
    rule, jobs, current, failed = "", dict[str, str](), "", ""
    for line in lines:
        if match := re.match(r"(?:local)?(?:rule|checkpoint) (\w+):", line):
            rule = match[1]
        elif match := re.match(r" +jobid: (\d+)", line):
            current = match[1]
            jobs.setdefault(current, LINES.get(rule, ""))
            if failed:
                failed = f"failed: {jobs[current] or failed}"
        elif failed and (match := re.match(r" +log: (\S+)", line)):
            yield f"{failed}: {_last_line(Path(match[1]))} ({match[1]})"
            failed = ""
        elif match := re.match(r" +wildcards: (.*)", line):
            named = dict(part.partition("=")[::2] for part in match[1].split(", "))
            if jobs.get(current):
                jobs[current] += f" {_name(named)}"
        elif match := re.match(r"Finished jobid: (\d+)", line):
            if jobs.get(match[1]):
                yield jobs[match[1]]
        elif match := re.match(r"(\d+) of (\d+) steps", line):
            yield int(match[1]), int(match[2])
        elif match := re.match(r"Error in (?:rule|checkpoint) (\w+)", line):
            failed = match[1]
        elif line.startswith("inductive: "):
            yield line.rstrip()
        elif "Nothing to be done" in line:
            yield "Nothing to be done: all results exist."


def _last_line(log: Path) -> str:
    """What a failed job said last."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return "no log"
    return next((line.strip() for line in reversed(lines) if line.strip()), "an empty log")


def _name(wildcards: dict[str, str]) -> str:
    """'translation course-Net1-valid, seeds 0-2' of a run, 'translation, look 1', or the study."""
    words = [wildcards.get("study", "")]
    if "run" in wildcards:
        words.append(wildcards["run"].rpartition("-")[0])
    parts = [f", {part} {wildcards[part]}" for part in ("seeds", "look") if part in wildcards]
    return " ".join(words) + "".join(parts)

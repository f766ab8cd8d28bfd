"""`make calibrate`, with a few ledgers."""

import json
import subprocess
import sys
from pathlib import Path

from conftest import ROOT


def test_the_table_of_error_rates(tmp_path: Path) -> None:
    markdown, table = tmp_path / "judge.md", tmp_path / "calibration.json"
    arguments = ["--ledgers", "8", "--rows", "3", "--workers", "1"]
    arguments += ["--markdown", str(markdown), "--json", str(table)]
    command = [sys.executable, str(ROOT / "benchmarks/calibrate.py"), *arguments]
    subprocess.run(command, check=True, capture_output=True)
    content = json.loads(table.read_text())
    assert content.keys() == {"text", "columns", "rows"}
    assert [row[:2] for row in content["rows"]] == [["normal", n] for n in ("3", "5", "10")]
    assert all(len(row) == len(content["columns"]) for row in content["rows"])
    assert float(content["rows"][2][4]) > 50  # true claims are seen with ten seeds
    first = markdown.read_text()
    assert "two networks, 500 test examples" in first
    subprocess.run(command, check=True, capture_output=True)
    assert markdown.read_text() == first  # the same random numbers

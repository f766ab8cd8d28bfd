"""Downloads of published files from a local server with simulated faults."""

import hashlib
import http.server
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inductive.core.errors import InputError
from inductive.core.files import write_bytes
from inductive.core.run import DatasetSpec
from inductive.data import fetch as fetching
from inductive.data.fetch import fetch
from inductive.data.sources import RemoteFile, Source

CONTENT = b"the published file" * 500


class _Handler(http.server.BaseHTTPRequestHandler):
    requested: list[str]

    def do_GET(self) -> None:
        self.requested.append(self.path)
        kind = self.path.split("/")[1]
        if kind == "absent":
            return self.send_error(404)
        if kind == "loop":
            self.send_response(302)
            self.send_header("Location", self.path)
            return self.end_headers()
        if kind == "hang":
            time.sleep(3)
            return None
        if kind == "drip":
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            for byte in CONTENT[:30]:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)
            return None
        if kind == "flaky" and len([p for p in self.requested if p.startswith("/flaky")]) < 3:
            return self.send_error(503)
        body = CONTENT[:-1] + b"!" if kind == "wrong" else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if kind == "cut" else body)
        return None

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(fetching, "PAUSE", 0.01)
    handler = type("Handler", (_Handler,), {"requested": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()


def _source(*upstreams: str) -> Source:
    known = RemoteFile(hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    return Source({"sub/file.bin": known}, upstreams, "any", "none")


def test_sources_are_tried_in_order(server: str, tmp_path: Path) -> None:
    source = _source(f"{server}/absent/", f"{server}/good/")
    fetch("toy", source, tmp_path)
    assert (tmp_path / "sub/file.bin").read_bytes() == CONTENT
    assert [p.name for p in (tmp_path / "sub").iterdir()] == ["file.bin"]


def test_an_address_of_one_file_and_an_md5(server: str, tmp_path: Path) -> None:
    known = RemoteFile(md5=hashlib.md5(CONTENT).hexdigest())
    fetch("toy", Source({"file.bin": known}, (f"{server}/good/any?dl=1",), "any", "none"), tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == CONTENT
    with pytest.raises(InputError, match="wrong checksum: md5"):
        fetch("toy", Source({"b": known}, (f"{server}/wrong/any?dl=1",), "any", "none"), tmp_path)


def test_a_request_is_repeated_after_a_server_error(server: str, tmp_path: Path) -> None:
    fetch("toy", _source(f"{server}/flaky/"), tmp_path)
    assert (tmp_path / "sub/file.bin").read_bytes() == CONTENT


def test_a_file_with_the_right_checksum_is_kept(server: str, tmp_path: Path) -> None:
    fetch("toy", _source(f"{server}/good/"), tmp_path)
    fetch("toy", _source(f"{server}/absent/"), tmp_path)
    (tmp_path / "sub/file.bin").write_bytes(b"damaged")
    fetch("toy", _source(f"{server}/good/"), tmp_path)
    assert (tmp_path / "sub/file.bin").read_bytes() == CONTENT


def test_a_wrong_file_is_quarantined_and_named(server: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="wrong checksum") as error:
        fetch("toy", _source(f"{server}/wrong/"), tmp_path)
    quarantined = next((tmp_path / "sub").glob("file.bin.wrong-*"))
    assert str(quarantined) in str(error.value)
    assert not (tmp_path / "sub/file.bin").exists()
    assert quarantined.read_bytes() != CONTENT


def test_a_truncated_download_is_not_used(server: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="truncated"):
        fetch("toy", _source(f"{server}/cut/"), tmp_path)
    assert not list((tmp_path / "sub").iterdir())


@pytest.mark.parametrize(
    ("kind", "message"), [("loop", "HTTP 302"), ("hang", "no connection"), ("drip", "too slow")]
)
def test_a_faulty_server_is_abandoned_after_a_limited_time(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, message: str
) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT", 0.3)
    monkeypatch.setattr(fetching, "GRACE", 0.5)
    start = time.monotonic()
    with pytest.raises(InputError, match=message):
        fetch("name", _source(f"{server}/{kind}/"), tmp_path)
    assert time.monotonic() - start < 10
    assert not list(tmp_path.rglob("*.part"))


def test_an_error_without_network_names_all_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PAUSE", 0.01)
    with pytest.raises(InputError) as error:
        fetch("toy", _source("http://127.0.0.1:9/a/", "http://127.0.0.1:9/b/"), tmp_path)
    for part in ("toy", "127.0.0.1:9/a/sub/file.bin", "127.0.0.1:9/b/", "INDUCTIVE_MIRROR"):
        assert part in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("as_url", [False, True])
def test_a_mirror_comes_first(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_url: bool
) -> None:
    folder = tmp_path / "mirror"
    (folder / "toy/sub").mkdir(parents=True)
    (folder / "toy/sub/file.bin").write_bytes(CONTENT)
    monkeypatch.setenv("INDUCTIVE_MIRROR", f"{server}/good" if as_url else str(folder))
    fetch("toy", _source(f"{server}/absent/"), tmp_path / "data")
    assert (tmp_path / "data/sub/file.bin").read_bytes() == CONTENT


def test_a_mirror_that_lacks_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resolve: Callable[..., DatasetSpec]
) -> None:
    monkeypatch.setenv("INDUCTIVE_MIRROR", str(tmp_path))
    with pytest.raises(InputError, match="no such file"):
        fetch("toy", _source(), tmp_path / "data")
    monkeypatch.setenv("INDUCTIVE_MIRROR", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="neither a folder nor a URL"):
        resolve("cora", kind="real")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 KiB with one small file on it."""
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    (small / "kept").write_bytes(b"what was there")
    yield small
    subprocess.run(["umount", str(small)], check=True)


def test_a_download_that_fills_the_disk(server: str, full_disk: Path) -> None:
    with pytest.raises(InputError, match="the disk is full"):
        fetch("toy", _source(f"{server}/good/"), full_disk)
    assert [p.name for p in full_disk.rglob("*") if p.is_file()] == ["kept"]


def test_a_result_that_fills_the_disk(full_disk: Path) -> None:
    with pytest.raises(InputError, match="the disk is full; the old file is unchanged"):
        write_bytes(full_disk / "kept", bytes(20_000))
    assert (full_disk / "kept").read_bytes() == b"what was there"
    assert [p.name for p in full_disk.iterdir()] == ["kept"]

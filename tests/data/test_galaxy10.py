"""Images in Galaxy10's HDF5 layout: a user's file, and the published one from a server."""

import hashlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from inductive.core.errors import InputError
from inductive.core.layout import Layout
from inductive.core.run import DatasetSpec
from inductive.data import fetch, registry, sources
from inductive.data.images import GALAXY10, Images
from inductive.data.sources import RemoteFile, Source

Load = Callable[..., Images]


@pytest.fixture
def load(resolve: Callable[..., DatasetSpec], make_and_load: Callable[[DatasetSpec], Any]) -> Load:
    """`load(path, size=None)`: a user's images."""

    def load(path: Path, size: int | None = None) -> Images:
        loaded: Images = make_and_load(resolve("cifar10", kind="own", path=str(path), size=size))
        return loaded

    return load


def galaxies(path: Path, images: np.ndarray | None = None, ans: np.ndarray | None = None) -> Path:
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file["images"] = (
            rng.integers(0, 256, (30, 69, 69, 3), dtype=np.uint8) if images is None else images
        )
        file["ans"] = np.arange(30, dtype=np.uint8) % 10 if ans is None else ans
    return path


def test_hdf5_in_galaxy10s_layout(tmp_path: Path, load: Load) -> None:
    path = galaxies(tmp_path / "mine.h5")
    images = load(path)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(images.pixels, file["images"][:])
        np.testing.assert_array_equal(images.labels, file["ans"][:])
    assert load(path, 32).pixels.shape == (30, 32, 32, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": np.zeros((30, 69, 69, 3), np.float32)}, r"'images' in .* is float32"),
        (
            {"images": np.zeros((30, 69, 69), np.uint8)},
            r"'images' in .* expected uint8 \(N, height",
        ),
        ({"ans": np.zeros(29, np.uint8)}, r"'ans' in .* \(29,\); expected integers \(30,\)"),
        ({"ans": np.zeros(30, np.float32)}, "'ans' in .* float32"),
        ({"ans": np.full(30, -1)}, "labels in .* are -1 to -1"),
        ({"images": np.zeros((30, 60, 69, 3), np.uint8)}, "not square"),
        ({"ans": np.zeros(30, np.uint8)}, "of one class"),
    ],
)
def test_invalid_hdf5(
    tmp_path: Path, load: Load, change: dict[str, np.ndarray], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        load(galaxies(tmp_path / "bad.h5", **change))


def test_hdf5_without_keys_or_none_at_all(tmp_path: Path, load: Load) -> None:
    path = tmp_path / "bad.h5"
    with h5py.File(path, "w") as file:
        file["pictures"] = np.zeros(3)
    with pytest.raises(InputError, match=r"lacks the key 'images' \(it has: pictures\)"):
        load(path)
    path.write_bytes(b"text")
    with pytest.raises(InputError, match="is not an HDF5 file"):
        load(path)


class _Server(http.server.BaseHTTPRequestHandler):
    content: bytes = b""

    def do_GET(self) -> None:
        kind, body = self.path.split("/")[1], self.content
        if kind == "corrupt":
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind == "slow":  # an answer in parts, each within the time limit
            for start in range(0, len(body), len(body) // 5 + 1):
                self.wfile.write(body[start : start + len(body) // 5 + 1])
                time.sleep(0.1)
        else:
            self.wfile.write(body[: len(body) // 2] if kind == "cut" else body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resolve: Callable[..., DatasetSpec]
) -> Iterator[Callable[..., DatasetSpec]]:
    """Serves a small file under Galaxy10's own registry entry, with its own checksum."""
    content = galaxies(tmp_path / "Galaxy10.h5").read_bytes()
    known = {"Galaxy10.h5": RemoteFile(hashlib.sha256(content).hexdigest(), len(content))}
    handler = type("Handler", (_Server,), {"content": content})
    monkeypatch.setattr(fetch, "PAUSE", 0.01)
    monkeypatch.delenv("INDUCTIVE_MIRROR", raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def at(*kinds: str) -> DatasetSpec:
            prefixes = tuple(f"http://127.0.0.1:{server.server_port}/{kind}/" for kind in kinds)
            source = Source(known, prefixes, "", "")
            monkeypatch.setattr(sources, "_sources", lambda: {"galaxy10": source})
            return resolve("galaxy10", kind="real")

        yield at
        server.shutdown()


@pytest.mark.parametrize("kinds", [("good",), ("slow",), ("cut", "good"), ("corrupt", "slow")])
def test_galaxy10_from_a_server(
    serve: Callable[..., DatasetSpec],
    make_and_load: Callable[[DatasetSpec], Any],
    kinds: tuple[str, ...],
) -> None:
    images = make_and_load(serve(*kinds))
    assert images.pixels.shape == (30, 69, 69, 3)
    assert images.classes == GALAXY10


@pytest.mark.parametrize(("kind", "message"), [("cut", "truncated"), ("corrupt", "wrong checksum")])
def test_a_damaged_galaxy10_is_not_used(
    serve: Callable[..., DatasetSpec], layout: Layout, kind: str, message: str
) -> None:
    spec = serve(kind)
    with pytest.raises(
        InputError, match=f"dataset galaxy10: no source gave Galaxy10.h5: .*{message}"
    ):
        registry.make(spec, layout)
    assert not layout.card(spec).exists()
    assert not (layout.dataset(spec) / "Galaxy10.h5").exists()

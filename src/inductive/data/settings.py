"""The `data` block of params.yaml: one model per data set. Imports no torch."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from inductive.core.settings import Count, NonNegativeInt, Settings


def _as_written(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """A value that is validated, not converted: 1 stays 1, because settings are hashed as text."""
    validate(value)
    return value


_Number = WrapValidator(_as_written)
_Positive = Annotated[float, Field(gt=0), _Number]
_NonNegative = Annotated[float, Field(ge=0), _Number]
_Fraction = Annotated[float, Field(ge=0, le=1), _Number]
_Kind = Literal["real", "generated", "own"]
_ImageSize = Annotated[int, Field(ge=16)]


class Boxes(Settings):
    """A red and a green square; a study adds the protocol."""

    kind: Literal["generated"]
    seed: NonNegativeInt
    train: Count
    validation: Count
    test: Count
    size: Annotated[int, Field(ge=17)]
    """Pixels per side; four convolutions without padding leave one pixel of 17."""
    square: Count
    """Pixels per side of a square."""
    left: Count
    """The left square's x is below this."""
    gap: Count
    """Smallest horizontal distance between the corners of the two squares."""
    bands: Annotated[list[Count], Field(min_length=2, max_length=2)]
    """Centres of the upper and of the lower band, in pixels."""
    jitter: Count
    """A square's y is its band's centre plus an integer in [-jitter, jitter)."""


class Citation(Settings):
    """A generated citation graph."""

    seed: NonNegativeInt
    class_sizes: Annotated[list[Count], Field(min_length=2)]
    edges: Count
    homophily: Annotated[float, Field(gt=0, lt=1), _Number]
    """Share of edges inside a class."""
    homophily_concentration: _Positive
    """Of the beta distribution of a node's share; small: many nodes have a share near 0 or 1."""
    degree_spread: _NonNegative
    """Standard deviation of the log of a node's propensity to link."""
    words: Count
    words_per_node: _Positive
    topic_words: _Fraction
    """Share of the vocabulary that is typical of a class."""
    topic_boost: _Positive
    """Factor by which a typical word is more frequent in its class."""
    train_per_class: Count
    validation: Count
    test: Count


class Cora(Settings):
    """Cora, a generated citation graph, or a folder of files in Planetoid's layout."""

    kind: _Kind
    path: str | None
    name: Annotated[str, Field(min_length=1)]
    """Of own files: the <name> in ind.<name>.<part>."""
    generated: Citation


class Mnist(Settings):
    """MNIST, or a user's labelled images."""

    kind: Literal["real", "own"]
    path: str | None
    size: _ImageSize | None
    """Of own images: pixels per side to resize to; null keeps theirs."""


class Objects(Settings):
    """Generated pictures of upright objects."""

    seed: NonNegativeInt
    train: Count
    test: Count
    size: _ImageSize
    tilt: Annotated[float, Field(ge=0, le=45), _Number]
    """Degrees to either side."""
    noise: _NonNegative
    """Standard deviation of a pixel in [0, 1]."""


class Cifar10(Settings):
    """CIFAR-10, generated objects, or a user's labelled images."""

    kind: _Kind
    path: str | None
    size: _ImageSize | None
    generated: Objects


class Galaxies(Settings):
    """Generated galaxies."""

    seed: NonNegativeInt
    images: Count
    size: _ImageSize
    aligned: bool
    """Whether all long axes are horizontal."""
    seeing: _NonNegative
    """Pixels: full width at half maximum of the point-spread function."""
    noise: _NonNegative
    """Of the sky, for light in [0, 1]."""


class Galaxy10(Settings):
    """Galaxy10, generated galaxies, or a user's labelled images."""

    kind: _Kind
    path: str | None
    size: _ImageSize | None
    generated: Galaxies


class VoronoiCells(Settings):
    """Generated pictures of cells with membranes; lengths are in pixels."""

    seed: NonNegativeInt
    images: Annotated[int, Field(ge=2)]
    size: Annotated[int, Field(ge=32)]
    cell: _Positive
    """Width of a typical cell."""
    membrane: _Positive
    """Thickness of a typical membrane."""
    blur: _NonNegative
    noise: _NonNegative


class Membranes(Settings):
    """The membranes of ISBI 2012, generated ones, or a folder of images and masks."""

    kind: _Kind
    path: str | None
    generated: VoronoiCells


class Tissues(Settings):
    """Generated tissues."""

    seed: NonNegativeInt
    specimens: Annotated[int, Field(ge=1, le=100_000)]
    stages: Annotated[int, Field(ge=1, le=1000)]
    cells: Count
    """Of a typical specimen."""
    noise: _NonNegative
    """Of a feature, in its standard deviations."""


class CellTypeGraph(Settings):
    """CellTypeGraph, generated tissues, or a folder or zip archive in its layout."""

    kind: _Kind
    path: str | None
    generated: Tissues


class Tales(Settings):
    """Tales from a grammar."""

    seed: NonNegativeInt
    characters: Annotated[int, Field(ge=1000)]


class Grimm(Settings):
    """Grimms' fairy tales, generated tales, or a user's text."""

    kind: _Kind
    path: str | None
    generated: Tales


class Neighbourhoods(Settings):
    """A random graph with one value per node; a study adds the target."""

    kind: Literal["generated"]
    seed: NonNegativeInt
    nodes: Annotated[int, Field(ge=30)]
    degree: _Positive
    """Of a typical node."""
    spread: _Positive
    """Standard deviation of the log of a node's value."""


class DataSettings(Settings):
    """Every data set; None where an overlay removed it."""

    boxes: Boxes | None = None
    cora: Cora | None = None
    mnist: Mnist | None = None
    cifar10: Cifar10 | None = None
    galaxy10: Galaxy10 | None = None
    membranes: Membranes | None = None
    celltypegraph: CellTypeGraph | None = None
    grimm: Grimm | None = None
    neighbourhoods: Neighbourhoods | None = None

"""The image studies against plain loops: per-image transforms in a DataLoader, torch's defaults."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from common import CPU, SEED, Pair, load_data, make_task, planned_runs, train
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.transforms import functional as TF

from inductive.core.run import Run
from inductive.nn.unet import UNet
from inductive.studies.galaxy import task as galaxy
from inductive.studies.galaxy.networks import GalaxyCNN
from inductive.studies.rotation import task as rotation
from inductive.studies.rotation.invariance import scores_at_angle
from inductive.training.ensemble import Ensemble

EPOCHS = 2
ANGLES = (0, 45, 90, 135, 180, 270)
OVERRIDES = {
    "data": {
        "cifar10": {"kind": "generated", "generated": {"train": 1500, "test": 500}},
        "galaxy10": {"kind": "generated", "generated": {"images": 1000}},
        "membranes": {"kind": "generated", "generated": {"images": 6}},
    },
    "rotation": {
        "datasets": {
            "cifar10": {"train": 1000, "validation": 100, "test": 500},
            "mnist": None,
            "galaxy10": None,
        },
        "precision": "bfloat16",
    },
    "segmentation": {"channels": 16, "depths": [4], "folds": [4], "precision": "bfloat16"},
}


class PlainCNN(nn.Module):
    """The course's network as torch has its layers."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for into, out in ((3, 32), (32, 64), (64, 64)):
            layers += [nn.Conv2d(into, out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        head = [nn.Flatten(), nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, 10)]
        self.layers = nn.Sequential(*layers, *head)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class Items(Dataset[Any]):
    """Examples by index, each transformed every time it is asked for."""

    def __init__(self, indices: Iterable[int], get: Callable[[int], Any]) -> None:
        self.indices, self.get = [int(i) for i in indices], get

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, i: int) -> Any:
        return self.get(self.indices[i])


def plain_loop(
    model: nn.Module,
    items: Items,
    batch_size: int,
    loss: Callable[..., Tensor],
    validate: Callable[[], None],
) -> None:
    """A DataLoader loop with Adam, validated after every epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(EPOCHS):
        for x, y in DataLoader(items, batch_size, shuffle=True):
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()
        with torch.no_grad():
            validate()


def accuracy(model: nn.Module, items: Items) -> None:
    """Compute the accuracy over a DataLoader."""
    for x, y in DataLoader(items, 250):
        (model(x).argmax(1) == y).float().mean()


def pairs() -> dict[str, Pair]:
    """Name -> the stock work and ours, the same amount of it."""
    rotation_runs = planned_runs("rotation", OVERRIDES)
    return {
        "rotation: accuracy at six angles": _sweep(rotation_runs["cifar10-plain"]),
        "rotation: training, augmented": _augmented(rotation_runs["cifar10-augmented"]),
        "galaxy: training": _galaxy(planned_runs("galaxy", OVERRIDES)["clean-plain"]),
        "segmentation: training": _unet(
            planned_runs("segmentation", OVERRIDES)["skips-depth4-fold4"]
        ),
    }


def _sweep(run: Run) -> Pair:
    images = load_data(run)
    task = make_task(run, images)
    ensemble, model = Ensemble.initialise(task.build, [SEED], CPU), PlainCNN()
    test = task.indices(SEED, "test")

    def stock() -> None:
        for angle in ANGLES:

            def item(i: int, angle: float = angle) -> tuple[Tensor, int]:
                x = TF.to_tensor(images.pixels[i])
                turned = TF.rotate(x, angle, transforms.InterpolationMode.BILINEAR)
                return TF.normalize(turned, [0.5] * 3, [0.25] * 3), int(images.labels[i])

            with torch.no_grad():
                accuracy(model, Items(test, item))

    def ours() -> None:
        with torch.no_grad():
            for angle in ANGLES:
                scores_at_angle(task, ensemble, angle)

    return Pair(stock, ours)


def _augmented(run: Run) -> Pair:
    images = load_data(run)
    split = rotation.splits(run, images)(SEED)
    augment = transforms.Compose(
        [
            transforms.ToTensor(),
            transforms.RandomRotation(180, transforms.InterpolationMode.BILINEAR),
            transforms.Normalize([0.5] * 3, [0.25] * 3),
        ]
    )

    def item(i: int) -> tuple[Tensor, int]:
        return augment(images.pixels[i]), int(images.labels[i])

    def stock() -> None:
        model = PlainCNN()
        held_out = Items(split["validation"], item)
        examples = Items(split["train"], item)
        plain_loop(model, examples, 64, F.cross_entropy, lambda: accuracy(model, held_out))

    return Pair(stock, lambda: train(run, images, EPOCHS))


def _galaxy(run: Run) -> Pair:
    images = load_data(run)
    split = galaxy.splits(galaxy.Training(**run.training), images)(SEED)

    def item(i: int) -> tuple[Tensor, int]:
        x = TF.to_tensor(images.pixels[i])
        return TF.normalize(x, [0.5] * 3, [0.25] * 3), int(images.labels[i])

    def stock() -> None:
        model = GalaxyCNN(channels=3, size=69, classes=10)
        held_out = Items(split["validation"], item)
        examples = Items(split["train"], item)
        plain_loop(model, examples, 64, F.cross_entropy, lambda: accuracy(model, held_out))

    return Pair(stock, lambda: train(run, images, EPOCHS))


def _unet(run: Run) -> Pair:
    data, training = load_data(run), run.training
    task = make_task(run, data)
    indices = list(task.parts["train"]) * training["crops_per_image"]
    crop = training["crop"]

    def item(i: int) -> tuple[Tensor, Tensor]:
        both = torch.cat([task.images[i], task.masks[i, :1]])
        top, left, height, width = transforms.RandomCrop.get_params(both, (crop, crop))
        both = TF.crop(both, top, left, height, width).rot90(int(torch.randint(4, ())), (1, 2))
        both = both.flip(2) if torch.rand(()) < 0.5 else both
        return both[:1], both[1:]

    def stock() -> None:
        model = UNet(channels=training["channels"], depth=training["depth"], skips=True)
        loss = F.binary_cross_entropy_with_logits

        def validate() -> None:
            for i in task.parts["validation"]:
                loss(model(task.images[i : i + 1]), task.masks[i : i + 1, :1])

        plain_loop(model, Items(indices, item), training["batch_size"], loss, validate)

    return Pair(stock, lambda: train(run, data, EPOCHS))

"""The image studies against plain loops: per-image transforms in a DataLoader, torch's defaults."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.transforms import functional as TF

from inductive.config import resolve
from inductive.data import registry
from inductive.nn.galaxy_cnn import GalaxyCNN
from inductive.nn.unet import UNet
from inductive.plan import Plan
from inductive.run import Run
from inductive.studies import load
from inductive.training.members import Members

CPU = torch.device("cpu")
EPOCHS = 2
ANGLES = (0, 45, 90, 135, 180, 270)
PARAMS = {
    "studies": ["rotation", "galaxy", "segmentation"],
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
    """Items by number, each transformed when it is asked for."""

    def __init__(self, numbers: Any, get: Callable[[int], Any]) -> None:
        self.numbers, self.get = [int(n) for n in numbers], get

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, i: int) -> Any:
        return self.get(self.numbers[i])


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


def score(model: nn.Module, items: Items) -> None:
    """Accuracy over a DataLoader."""
    for x, y in DataLoader(items, 250):
        (model(x).argmax(1) == y).float().mean()


def pairs(ours: Callable[[Run, Any, int], None]) -> dict[str, tuple[Callable[[], None], ...]]:
    """Name -> the stock work and ours, the same amount of it."""
    plan = Plan(resolve(overrides=PARAMS))
    for spec in plan.datasets.values():
        if not spec.card.is_file():
            registry.make(spec)
    runs = {f"{r.study} {r.variant}": r for found in plan.runs.values() for r in found}
    return {
        "rotation: accuracy at six angles": _sweep(runs["rotation cifar10-plain"]),
        "rotation: training, augmented": _augmented(runs["rotation cifar10-augmented"], ours),
        "galaxy: training": _galaxy(runs["galaxy clean-plain"], ours),
        "segmentation: training": _unet(runs["segmentation skips-depth4-fold4"], ours),
    }


def _sweep(run: Run) -> tuple[Callable[[], None], ...]:
    images = registry.load(run.dataset)
    task: Any = load(run.study).task(run, images, CPU)
    members, model = Members.initialise(task.build, [0], CPU), PlainCNN()
    test = task.numbers(0, "test")

    def stock() -> None:
        for angle in ANGLES:

            def item(i: int, angle: float = angle) -> tuple[Tensor, int]:
                x = TF.to_tensor(images.pixels[i])
                turned = TF.rotate(x, angle, transforms.InterpolationMode.BILINEAR)
                return TF.normalize(turned, [0.5] * 3, [0.25] * 3), int(images.labels[i])

            with torch.no_grad():
                score(model, Items(test, item))

    def mine() -> None:
        with torch.no_grad():
            for angle in ANGLES:
                task.at_angle(members, angle, "bilinear")

    return stock, mine


def _augmented(run: Run, ours: Callable[[Run, Any, int], None]) -> tuple[Callable[[], None], ...]:
    images = registry.load(run.dataset)
    splits = load(run.study).splits(run, images)(0)
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
        held_out = Items(splits["validation"], item)
        train = Items(splits["train"], item)
        plain_loop(model, train, 64, F.cross_entropy, lambda: score(model, held_out))

    return stock, lambda: ours(run, images, EPOCHS)


def _galaxy(run: Run, ours: Callable[[Run, Any, int], None]) -> tuple[Callable[[], None], ...]:
    images = registry.load(run.dataset)
    splits = load(run.study).splits(run, images)(0)

    def item(i: int) -> tuple[Tensor, int]:
        x = TF.to_tensor(images.pixels[i])
        return TF.normalize(x, [0.5] * 3, [0.25] * 3), int(images.labels[i])

    def stock() -> None:
        model = GalaxyCNN(channels=3, size=69, classes=10)
        held_out = Items(splits["validation"], item)
        train = Items(splits["train"], item)
        plain_loop(model, train, 64, F.cross_entropy, lambda: score(model, held_out))

    return stock, lambda: ours(run, images, EPOCHS)


def _unet(run: Run, ours: Callable[[Run, Any, int], None]) -> tuple[Callable[[], None], ...]:
    data, numbers = registry.load(run.dataset), run.training
    task: Any = load(run.study).task(run, data, CPU)
    train = list(task.parts["train"]) * numbers["crops_per_image"]
    crop = numbers["crop"]

    def item(i: int) -> tuple[Tensor, Tensor]:
        both = torch.cat([task.images[i], task.masks[i, :1]])
        top, left, height, width = transforms.RandomCrop.get_params(both, (crop, crop))
        both = TF.crop(both, top, left, height, width).rot90(int(torch.randint(4, ())), (1, 2))
        both = both.flip(2) if torch.rand(()) < 0.5 else both
        return both[:1], both[1:]

    def stock() -> None:
        model = UNet(channels=numbers["channels"], depth=numbers["depth"], skips=True)
        loss = F.binary_cross_entropy_with_logits

        def validate() -> None:
            for i in task.parts["validation"]:
                loss(model(task.images[i : i + 1]), task.masks[i : i + 1, :1])

        plain_loop(model, Items(train, item), numbers["batch_size"], loss, validate)

    return stock, lambda: ours(run, data, EPOCHS)

"""Which padding lets a convolutional network forget where things are?

After Kayhan and van Gemert 2020 and the course built on it: two squares, their order decides the
class, but in training the height betrays it too. A network that uses the height fails on every
test image, where the heights are swapped.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from inductive.data.registry import resolve
from inductive.errors import InputError, unknown
from inductive.nn import padding_modes
from inductive.run import Run, code_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from inductive.data.boxes import Boxes
    from inductive.training.members import Members, Parameters
    from inductive.training.optimizers import Optimizer
    from inductive.training.randomness import Draws
    from inductive.training.task import Step
    from inductive.training.tidy import Tidy

TITLE = "Translation"
QUESTION = "Which padding lets a convolutional network forget where things are?"
PROTOCOL = (
    "Four 3×3 convolutions, then a global maximum (Net1) or a weight for every position (Net2), "
    "trained on red-left-of-green in the upper band against green-left-of-red in the lower band; "
    "tested with the bands swapped."
)

# Users add padding modes; a run depends on its own mode only.
_OPEN = ("inductive.nn.padding_modes",)


def runs(params: dict[str, Any]) -> list[Run]:
    """Every net with every padding of both protocols, and some of the course's on other images."""
    block = params["translation"]
    wanted = []
    for net in block["course"]["nets"]:
        for name, padding in block["course"]["paddings"].items():
            wanted.append(_run(params, "course", net, name, padding["mode"], padding["amount"]))
    clean = block["clean"]
    for net in clean["nets"]:
        for amount in clean["amounts"]:
            # Nothing is padded with amount 0, so one run stands for all modes.
            for mode in clean["modes"] if amount else ["zeros"]:
                name = f"{mode}{amount}" if amount else "none"
                wanted.append(_run(params, "clean", net, name, mode, amount))
    draws = block["draws"]
    for seed in draws["data_seeds"]:
        for name in draws["paddings"]:
            if name not in block["course"]["paddings"]:
                told = unknown("padding", name, block["course"]["paddings"])
                raise InputError(f"translation.draws.paddings: {told}")
            padding = block["course"]["paddings"][name]
            wanted.append(
                _run(params, "draws", "Net1", name, padding["mode"], padding["amount"], seed)
            )
    return wanted


def _run(
    params: dict[str, Any],
    protocol: str,
    net: str,
    name: str,
    mode: str,
    amount: int,
    data_seed: int | None = None,
) -> Run:
    """A run; `data_seed` asks for other images than those of `data.boxes.seed`."""
    block, boxes = params["translation"], params["data"]["boxes"]
    boxes = boxes if data_seed is None else boxes | {"seed": data_seed}
    again = "" if data_seed is None else f"-data{data_seed}"
    try:
        function = padding_modes.get(mode)
    except InputError as error:
        raise InputError(f"translation.{protocol}: {name}: {error}") from None
    swap = boxes["bands"][1] - boxes["bands"][0]
    if max(block["evaluation"]["shifts"]) > swap:
        raise InputError(
            f"translation.evaluation.shifts: {max(block['evaluation']['shifts'])} is beyond the "
            f"other band, {swap} pixels away"
        )
    numbers = {k: block[k] for k in ("batch_size", "epochs", "patience", "adadelta")}
    numbers["epochs"] = block[protocol].get("epochs", block["epochs"])
    seeds = block[protocol].get("seeds", block["seeds"])
    clean = protocol == "clean"
    dataset = resolve("boxes", boxes, protocol="clean" if clean else "course")
    return Run(
        study="translation",
        variant=f"{protocol}-{net}-{name}{again}",
        labels={
            "protocol": protocol,
            "net": net,
            "padding": name,
            "mode": mode,
            "amount": amount,
            "data_seed": boxes["seed"],
        },
        training=numbers | {"net": net, "mode": mode, "amount": amount, "shuffle": clean},
        evaluation=block["evaluation"],
        seeds=tuple(range(seeds) if isinstance(seeds, int) else seeds),
        dataset=dataset,
        code=code_of(__name__, dataset, without=_OPEN, functions=[function]),
    )


def task(run: Run, data: "Boxes", device: "torch.device") -> "TranslationTask":
    """How a run is trained. The task never sees the test or the held-out images."""
    return TranslationTask(run.training, data.only("train", "validation"), device)


class TranslationTask:
    """Images on the device, batches by indexing, Adadelta, early stopping."""

    def __init__(self, training: dict[str, Any], data: "Boxes", device: "torch.device") -> None:
        self.training = training
        self.size = data.size
        self.epochs = training["epochs"]
        self.patience = training["patience"]
        self.batch_size = training["batch_size"]
        self.train = on_device(data, "train", device)
        self.validation = on_device(data, "validation", device)

    def build(self) -> "nn.Module":
        from inductive.nn.translation_nets import NETS

        net = NETS[self.training["net"]]
        return net(mode=self.training["mode"], amount=self.training["amount"], size=self.size)

    def optimizer(self, parameters: "Parameters") -> "Optimizer":
        from inductive.training.optimizers import make_adadelta

        return make_adadelta(parameters, **self.training["adadelta"])

    def steps(self, members: "Members", draws: "Draws") -> "Iterator[Step]":
        from inductive.training.classification import classification_step

        images, labels = self.train
        if not self.training["shuffle"]:
            for x, y in zip(
                images.split(self.batch_size), labels.split(self.batch_size), strict=True
            ):
                yield classification_step(members(x), y.expand(members.count, -1))
            return
        for index in draws.permutations(len(images)).split(self.batch_size, dim=1):
            x, y = images[index.flatten()], labels[index]
            if members.count == 1:
                yield classification_step(members(x), y)
            else:
                stacked = x.unflatten(0, index.shape)
                yield classification_step(members(stacked, stacked=True), y)

    def validate(self, members: "Members") -> "dict[str, Tensor]":
        from inductive.training.classification import loss_and_accuracy

        images, labels = self.validation
        scores = predict(members, images)
        return loss_and_accuracy(scores, labels.expand(members.count, -1))


def on_device(
    data: "Boxes", split: str, device: "torch.device", shift: int = 0
) -> "tuple[Tensor, Tensor]":
    """Images (N, 3, size, size), channels last in memory, and labels (N,)."""
    import torch

    images = data.images(split, shift).to(device, memory_format=torch.channels_last)
    return images, torch.from_numpy(data.labels(split)).to(device)


def predict(members: "Members", images: "Tensor", batch_size: int = 250) -> "Tensor":
    """The scores (S, N, classes) of all images, a batch at a time."""
    import torch

    return torch.cat([members(x) for x in images.split(batch_size)], dim=1)


def evaluate(
    run: Run, data: "Boxes", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Accuracy on every split, accuracy and consistency against the shift, output sizes.

    The test split is the drawn test images with the bands swapped; in the course protocol those,
    and the validation images, are the first of the training draws again. `heldout` is new draws
    from the training distribution. Consistency is the share of images whose predicted class is the
    one of the same image without a shift (Zhang 2019), whether right or wrong.
    """
    from inductive.training.tidy import Tidy

    tidy = Tidy(run.seeds)
    for selection, members in trained.items():
        for split in ("train", "validation", "heldout", "test"):
            images, labels = on_device(data, split, device, data.swap if split == "test" else 0)
            correct = predict(members, images).argmax(-1) == labels
            tidy.add(correct.float().mean(1), selection, split, "accuracy")
    members = trained["best"]
    images, labels = on_device(data, "test", device)
    home = predict(members, images).argmax(-1)
    for shift in run.evaluation["shifts"]:
        images, _ = on_device(data, "test", device, shift)
        found = predict(members, images).argmax(-1)
        tidy.add((found == labels).float().mean(1), "best", "test", "accuracy", "shift", shift)
        tidy.add((found == home).float().mean(1), "best", "test", "consistency", "shift", shift)
    _map_sizes(tidy, members, images[:1])
    return tidy


def _map_sizes(tidy: "Tidy", members: "Members", image: "Tensor") -> None:
    """The sides of the feature maps as they come out, and as the formula has them."""
    import torch

    features: Any = members.module.features
    weights = {name: p[0] for name, p in members.parameters.items()}
    x = image
    for i, (layer, formula) in enumerate(zip(features.layers, features.sizes[1:], strict=True)):
        prefix = f"features.layers.{i}."
        own = {n.removeprefix(prefix): p for n, p in weights.items() if n.startswith(prefix)}
        x = torch.func.functional_call(layer, own, (x,))
        tidy.add_constant(x.shape[-1], "map size", "layer", i + 1)
        tidy.add_constant(formula, "map size by formula", "layer", i + 1)

"""How the galaxy study trains its network, with or without remedies against overfitting."""

from typing import Any

import torch
from torch import Tensor, nn

from inductive.data.images import Images
from inductive.nn.galaxy_cnn import GalaxyCNN
from inductive.nn.rotation import rotate
from inductive.training.image_task import ImageTask
from inductive.training.members import Members
from inductive.training.randomness import Draws


class GalaxyTask(ImageTask):
    """`augmented`: mirrored at random and turned by any angle. `dropout`: on both hidden layers.
    `class_weights`: each class weighs in the loss as if it were as frequent as the others.
    """

    def __init__(
        self, training: dict[str, Any], images: Images, splits: Any, device: Any, seed: int
    ) -> None:
        super().__init__(training, images, splits, device)
        if training["class_weights"]:
            # Stratified parts have the same proportions, whichever seed drew them.
            labels = self.labels[self.numbers(seed, "train")]
            counts = labels.bincount(minlength=images.num_classes).float().clamp(min=1)
            self.class_weights = counts.sum() / counts / images.num_classes

    def build(self) -> nn.Module:
        _, channels, size, _ = self.pixels.shape
        return GalaxyCNN(channels=channels, size=size, classes=self.num_classes)

    def view(self, images: Tensor, numbers: Tensor, seed: int, draws: Draws | None) -> Tensor:
        if draws is None or not self.training["augmented"]:
            return images
        chance = draws.uniform(2, len(images))[0]
        mirrored = torch.where((chance[0] < 0.5)[:, None, None, None], images.flip(3), images)
        return rotate(mirrored, 360 * chance[1])

    def masks(self, members: Members, draws: Draws, batch: int) -> dict[str, Tensor] | None:
        if not self.training["dropout"]:
            return None
        module: Any = members.module
        return draws.dropout_masks(module.mask_shapes(batch), self.training["dropout"])

"""A project whose small studies train for some seconds, for the tests of faults."""

import json
from pathlib import Path

from conftest import Project


class SoakProject(Project):
    """Three studies, each with a network of another kind; training is saved every second."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        params = self.read_params() | {"studies": ["citation", "galaxy", "language"]}
        params["training"]["checkpoint_seconds"] = 1
        params["citation"]["epochs"] = 400
        params["galaxy"]["epochs"] = 12
        params["language"]["clean"] |= {"steps": 300, "report_every": 10}
        params["language"] |= {"positions": ["learned", "rope"], "mlp_layers": [1]}
        del params["language"]["course"]
        self.write_params(params)

    def results(self) -> dict[str, bytes]:
        """Everything that runs leave behind, except who made it when."""
        files = self.files("results/full/runs/**/*.*")
        for name in [n for n in files if n.endswith(".json")]:
            content = json.loads(files[name])
            del content["made"]
            files[name] = json.dumps(content, sort_keys=True).encode()
        return files

    def change_hidden_size(self) -> None:
        """Ask for a GCN of another size than the one that is trained."""
        params = self.read_params()
        params["citation"]["models"]["GCN"]["hidden"] = 2
        self.write_params(params)

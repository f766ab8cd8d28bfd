"""The README is consistent with the code."""

import re

from conftest import ROOT
from inductive.pipeline.parameters import question_table
from inductive.studies import discover

README = (ROOT / "README.md").read_text()


def test_the_table_of_studies_is_current() -> None:
    """`inductive studies --markdown` prints it."""
    assert question_table(markdown=True) in README


def test_every_study_has_a_block_of_parameters() -> None:
    assert len(question_table(markdown=False).splitlines()) == len(discover())


def test_link_targets_exist() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target

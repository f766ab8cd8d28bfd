"""Statistics of samples, and the sampling settings that are compared."""

from inductive.nn.sampling import Sampling
from inductive.studies.language import samples as s
from inductive.studies.language.names import sampling_grid


def test_measures_of_samples() -> None:
    assert s.words("The goose-girl’s ‘cat’, 3 cats!") == ["the", "goose-girl’s", "cat", "cats"]
    # The first and the last word may be incomplete.
    assert s.real_words("xx a cat xx", {"a", "cat"}) == 1
    assert s.real_words("xx a dog xx", {"a", "cat"}) == 0.5
    assert s.real_words("", {"a"}) == 0
    assert s.distinct("xx a b a b xx", 2) == 2 / 3
    known = s.ngrams("the cat sat on a mat", 4)
    assert s.novelty("xx the cat sat on the end", known, 4) == 0.5
    assert s.longest_copy("xxcat sat", "the cat sat on") == 7
    assert s.longest_copy("zz", "the cat") == 0
    assert s.agreement("abcd", "abxd") == 2


def test_the_grid_is_greedy_temperature_by_top_p_and_top_k() -> None:
    grid = sampling_grid([0.65, 1.0], [0.9, 1.0], [5])
    assert grid == {
        "greedy": {"temperature": 0.0},
        "temperature 0.65, top-p 0.9": {"temperature": 0.65, "top_p": 0.9},
        "temperature 0.65": {"temperature": 0.65},
        "temperature 1, top-p 0.9": {"temperature": 1.0, "top_p": 0.9},
        "temperature 1": {"temperature": 1.0},
        "top-k 5": {"temperature": 1.0, "top_k": 5},
    }
    for settings in grid.values():
        Sampling(**settings).check()  # type: ignore[arg-type]
    assert Sampling(top_k=5) == Sampling(**grid["top-k 5"])  # type: ignore[arg-type]

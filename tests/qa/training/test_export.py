import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from qa.neural import SHIPPED, NeuralReader
from qa.tokens import PAD, Vocabulary, pack
from qa.training.export import MODEL, export, exported, save_vocabulary
from qa.windows import Window

CLOSE = 0.3  # what weights of a byte each may change of a logit,
NEAR = 0.3  # or of a large one, this share, in so narrow a network


def test_a_vocabulary_is_read_as_it_was_saved(characters, tmp_path):
    save_vocabulary(characters, tmp_path / "vocabulary.txt")
    assert Vocabulary.read(tmp_path / "vocabulary.txt").variants == characters.variants


def test_the_exported_reader_finds_what_the_network_finds(answering, characters, groups, tmp_path):
    export(answering, characters, tmp_path)
    reader = NeuralReader(tmp_path)
    relevances = []
    for group in groups.groups[::6]:
        windows = [Window("0123456789ab", 0, len(text), text, context, 0, 0)
                   for context, text in (groups.windows[row] for row in group.windows)]
        for window, found in zip(windows, reader.read(group.question, windows)):
            relevance, chances = run(answering, characters, group.question, window)
            first, last = (len("".join(window.text[:at].split())) for at in (found.start, found.end - 1))
            best = max(chances[at, 0] + chances[at:, 1].max() for at in range(len(chances)))
            assert found.relevance == pytest.approx(relevance, abs=CLOSE, rel=NEAR)
            assert found.certainty == pytest.approx(best, abs=CLOSE)
            assert chances[first, 0] + chances[last, 1] == pytest.approx(best, abs=CLOSE)
            relevances.append(relevance)
    assert np.ptp(relevances) > 3 * CLOSE


def test_the_shipped_graph_finds_what_the_network_of_its_weights_finds():
    model, characters = exported(SHIPPED)
    texts = ["全市森林覆盖率稳步提升，新增造林12万亩。", "2021年，全市生产总值完成1286.4亿元，增长7.3%。" * 4, "。"]
    windows = [Window("0123456789ab", 0, len(text), text, context, 0, 0) for text in texts for context in ("", "2021年，云溪市" * 9)]
    question = "2021年云溪市生产总值是多少？"
    for window, found in zip(windows, NeuralReader().read(question, windows)):
        relevance, chances = run(model, characters, question, window)
        assert found.relevance == pytest.approx(relevance, abs=2 * CLOSE)
        assert found.certainty == pytest.approx(max(chances[at, 0] + chances[at:, 1].max() for at in range(len(chances))), abs=2 * CLOSE)


def test_an_exported_network_is_exported_as_it_was(tmp_path):
    export(*exported(SHIPPED), tmp_path)
    assert (tmp_path / MODEL).read_bytes() == (SHIPPED / MODEL).read_bytes()


def run(model, characters, question, window):
    """Relevance, and the logarithms of the chances of begin and end for the tokens of the text."""
    ids, segments, begin = pack(*(characters.encode(text)[0] for text in (question, window.context, window.text)))
    with torch.no_grad():
        relevance, spans = model(torch.from_numpy(ids)[None], torch.from_numpy(segments)[None])
    return relevance.item(), log_softmax(spans[0, begin:(ids != PAD).sum()].numpy(), axis=0)

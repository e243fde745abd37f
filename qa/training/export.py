"""A trained network as the files that ship, and back.

    python -m qa.training.export qa/model    writes the graph anew, of the weights that it holds
"""

import sys
from pathlib import Path

import onnx
import torch

from qa.tokens import Vocabulary
from qa.training.graph import graph, weights_of
from qa.training.network import Reader, Shape

MODEL, VOCABULARY = "reader.onnx", "vocabulary.txt"


def export(model: Reader, vocabulary: Vocabulary, folder: Path) -> None:
    """Write what :class:`qa.neural.NeuralReader` reads into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_vocabulary(vocabulary, folder / VOCABULARY)
    weights = {name: values.float().numpy() for name, values in model.state_dict().items()}
    onnx.save(graph(weights, model.shape), folder / MODEL)


def exported(folder: Path) -> tuple[Reader, Vocabulary]:
    """The network that was exported to a folder, with the bytes that its weights were rounded to, and its vocabulary.

    What only restores hidden characters is not in it, and begins anew.
    """
    weights = {name: torch.from_numpy(values) for name, values in weights_of(onnx.load(folder / MODEL)).items()}
    model = Reader(Shape.of(weights))
    model.load_state_dict(weights, strict=False)
    return model.eval(), Vocabulary.read(folder / VOCABULARY)


def save_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write what :meth:`qa.tokens.Vocabulary.read` reads."""
    path.write_text("".join(f"{forms}\n" for forms in vocabulary.variants), "utf-8")


if __name__ == "__main__":
    export(*exported(Path(sys.argv[1])), Path(sys.argv[1]))

"""A trained network as the file that ships: ONNX, its weights a byte each."""

import tempfile
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from qa.tokens import Vocabulary
from qa.training.network import Reader

OPSET = 17
MODEL, VOCABULARY = "reader.onnx", "vocabulary.txt"


def export(model: Reader, vocabulary: Vocabulary, folder: Path) -> None:
    """Write what :class:`qa.neural.NeuralReader` reads into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_vocabulary(vocabulary, folder / VOCABULARY)
    model = model.float().eval()
    ids = torch.randint(model.shape.characters, (2, 96))
    segments = torch.arange(96).div(32, rounding_mode="floor").expand(2, -1).contiguous()
    inputs, outputs = ("ids", "segments"), ("relevance", "spans")
    axes = {name: {0: "inputs", 1: "length"} for name in (*inputs, "spans")} | {"relevance": {0: "inputs"}}
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # this exporter is to be replaced
        warnings.filterwarnings("ignore", "Constant folding", UserWarning)  # of slices in steps, which it leaves as they are
        wide = Path(scratch) / "wide.onnx"
        torch.onnx.export(model, (ids, segments), str(wide), input_names=inputs, output_names=outputs, dynamic_axes=axes,
                          opset_version=OPSET, dynamo=False)
        quantize_dynamic(wide, folder / MODEL, weight_type=QuantType.QInt8, per_channel=True,
                         op_types_to_quantize=["MatMul", "Gemm", "Gather"])


def save_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write what :meth:`qa.tokens.Vocabulary.read` reads."""
    path.write_text("".join(f"{forms}\n" for forms in vocabulary.variants), "utf-8")

"""Token vectors to a model folder that sentence-transformers loads."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

_STATIC = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
_NORMALIZE = "sentence_transformers.base.modules.normalize.Normalize"


def save_model(folder: Path, tokenizer: Tokenizer, vectors: np.ndarray) -> None:
    """Write tokenizer, weights and the description of the modules.

    The vectors become bytes with a scale each, under the names that StaticEmbedding knows from model2vec models.

    :param vectors: float32 of shape ``(tokens, dimension)``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    scales = np.abs(vectors).max(axis=1) / 127
    whole = np.rint(vectors / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8)
    save_file({"embeddings": whole, "weights": scales.astype(np.float32)}, folder / "model.safetensors")
    _write(
        folder / "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": _STATIC},
            {"idx": 1, "name": "1", "path": "1_Normalize", "type": _NORMALIZE},
        ],
    )
    _write(
        folder / "config_sentence_transformers.json",
        {"prompts": {"query": "", "document": ""}, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    )


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")

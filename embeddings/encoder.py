"""Text to vectors."""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from scipy import sparse
from tokenizers import Tokenizer

from embeddings.errors import EncoderError
from embeddings.pieces import Pieces

T = TypeVar("T")

SHIPPED_MODEL = Path(__file__).parent / "model"


class Encoder(Protocol):
    """Anything that turns texts into unit vectors.

    :ivar spreads: whether copies of it in several processes are faster than it alone.
    """

    name: str
    dimension: int
    spreads: bool

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(texts), dimension)``, each row of length 1 (or 0 for a text without tokens)."""

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """As :meth:`encode_passages`, for questions."""


def load_encoder(name_or_folder: str | None = None) -> Encoder:
    """The encoder for a sentence-transformers model.

    :param name_or_folder: a folder, or a model's name, looked up in the local cache before it is downloaded;
        the shipped model when empty.
    :raises EncoderError: ``model_missing`` when it is neither here nor to be had, ``model_corrupt`` when its files
        cannot be read.
    """
    if not name_or_folder:
        return StaticEncoder(SHIPPED_MODEL)
    if is_static(Path(name_or_folder)):
        return StaticEncoder(Path(name_or_folder))
    return SentenceTransformerEncoder(name_or_folder)


def is_static(folder: Path) -> bool:
    """Is this the folder of a StaticEmbedding model followed by nothing but normalisation, and without prompts?

    :raises EncoderError: ``model_corrupt`` when its description cannot be read.
    """
    modules = folder / "modules.json"
    if not modules.is_file():
        return False
    kinds = [module["type"].rsplit(".", 1)[-1] for module in _read_json(modules)]
    return kinds == ["StaticEmbedding", "Normalize"] and not any(_prompts(folder).values())


def _prompts(folder: Path) -> dict[str, str]:
    settings = folder / "config_sentence_transformers.json"
    return _read_json(settings).get("prompts", {}) if settings.is_file() else {}


def _read_json(path: Path):
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise _corrupt(path) from error


class StaticEncoder:
    """A StaticEmbedding model evaluated from its own files: the mean of its tokens' vectors, made unit length.

    Needs neither torch nor sentence-transformers, which would give the same vectors.

    :param folder: a model as sentence-transformers saves it.
    :raises EncoderError: ``model_missing`` or ``model_corrupt``.
    """

    spreads = True

    def __init__(self, folder: Path) -> None:
        weights, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"
        for path in (weights, tokenizer):
            if not path.is_file():
                raise _missing(str(path))
        try:
            self._vectors = _token_vectors(load_file(weights))
        except (SafetensorError, KeyError) as error:
            raise _corrupt(weights) from error
        read = _read_tokenizer(tokenizer)
        self._tokens = Pieces.of(read) or partial(_tokens, read)
        self.name = f"{'shipped' if folder == SHIPPED_MODEL else folder.name}-{_fingerprint(weights, tokenizer)}"
        self.dimension = self._vectors.shape[1]

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(texts), dimension)``, each row of length 1 (or 0 for a text without tokens)."""
        held, starts = self._tokens(texts)
        # A tenth of the time that it takes to gather each text's vectors and add them up.
        vectors = sparse.csr_array((np.ones(len(held), np.float32), held, starts), (len(texts), len(self._vectors))) @ self._vectors
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1)

    encode_queries = encode_passages


def _token_vectors(tensors: dict[str, np.ndarray]) -> np.ndarray:
    """The vector of each token, float32, times its factor (model2vec keeps them apart)."""
    rows = tensors["embedding.weight"] if "embedding.weight" in tensors else tensors["embeddings"]
    if "mapping" in tensors:
        rows = rows[tensors["mapping"]]
    return rows.astype(np.float32) * tensors.get("weights", np.ones(len(rows))).astype(np.float32)[:, None]


def _fingerprint(*paths: Path) -> str:
    """A few digits that change with the files, so that an index made by an older model is told apart."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _read_tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing more precise
        raise _corrupt(path) from error


def _tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """As :class:`Pieces` gives them, by any tokenizer."""
    tokens = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    return np.fromiter(chain.from_iterable(tokens), np.int32), np.cumsum([0, *map(len, tokens)])


class SentenceTransformerEncoder:
    """Any sentence-transformers model, with the prompts that its own configuration sets for queries and passages.

    :param name_or_folder: a folder, or a name, looked up in the local cache before it is downloaded.
    :raises EncoderError: ``model_missing`` when it is neither here nor to be had.
    """

    spreads = False  # torch takes all cores itself

    def __init__(self, name_or_folder: str) -> None:
        from sentence_transformers import SentenceTransformer  # takes seconds and 420 MB

        try:
            self._model = local_first(SentenceTransformer, name_or_folder, device="cpu")
        except (OSError, ValueError) as error:
            raise _missing(name_or_folder) from error
        self.name = name_or_folder
        self.dimension = self._model.get_embedding_dimension()

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(texts), dimension)``, each row of length 1 (or 0 for a text without tokens)."""
        return self._normal(self._model.encode_document(list(texts), convert_to_numpy=True))

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """As :meth:`encode_passages`, for questions."""
        return self._normal(self._model.encode_query(list(texts), convert_to_numpy=True))

    def _normal(self, vectors: np.ndarray) -> np.ndarray:
        vectors = np.asarray(vectors, np.float32).reshape(-1, self.dimension)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1)


def local_first(load: Callable[..., T], name_or_folder: str, **options: object) -> T:
    """What a loader makes of a model: of a folder or of what is in the local cache, else of what it downloads.

    :raises OSError, ValueError: it is neither here nor to be had.
    """
    try:
        return load(name_or_folder, local_files_only=True, **options)
    except (OSError, ValueError):
        return load(name_or_folder, **options)


def _missing(name: str) -> EncoderError:
    return EncoderError(
        "model_missing",
        f"找不到向量模型“{name}”，也无法下载：请检查名称与网络，或把模型放到本地文件夹并用其路径。"
        f" The embedding model “{name}” is neither on this machine nor could it be downloaded: check its name and the"
        " network, or name a local folder that holds it.",
        model=name,
    )


def _corrupt(path: Path) -> EncoderError:
    return EncoderError(
        "model_corrupt",
        f"向量模型文件“{path.name}”无法读取：请重新安装程序或重新下载该模型。"
        f" The model file “{path.name}” cannot be read: install the program or download the model again.",
        path=str(path),
    )

"""A run that is killed while it embeds goes on where it was."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qa import assembling, drafts, indexing
from qa.local_index import load
from qa.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

# Kills itself when it has begun the third of its segments.
KILLED = """
import os, signal, sys
from pathlib import Path
from qa import assembling, drafts, indexing
from qa.settings import Settings
from tests.conftest import BigramEncoder

class Encoder(BigramEncoder):
    def encode_passages(self, texts):
        if any("第9村" in text for text in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_passages(texts)

assembling.LARGEST, drafts.LEAST = 4, 4
indexing.index(Settings(home=Path(sys.argv[1])), [Path(sys.argv[2])], encoder=Encoder())
"""


@pytest.fixture
def villages(tmp_path):
    folder = tmp_path / "villages"
    folder.mkdir()
    for number in range(14):
        (folder / f"village{number:02}.txt").write_text(f"第{number}村情况\n\n全村修路{number}里，打井两口。\n", encoding="utf-8")
    return folder


def test_what_a_killed_run_embedded_is_taken_up(villages, tmp_path, encoder, monkeypatch):
    home, embedded = tmp_path / "home", []
    done = subprocess.run([sys.executable, "-c", KILLED, home, villages], env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == -signal.SIGKILL
    finished = {path.name for path in (home / "index" / "segments").iterdir()}
    assert len(finished) == 2
    [*_, damaged] = sorted(finished)
    (home / "index" / "segments" / damaged / "codes.npy").write_bytes(b"")

    class Encoder(type(encoder)):
        def encode_passages(self, texts):
            embedded.extend(texts)
            return super().encode_passages(texts)

    monkeypatch.setattr(assembling, "LARGEST", 4)
    monkeypatch.setattr(drafts, "LEAST", 4)
    indexing.index(Settings(home=home), [villages], encoder=Encoder())
    assert len(embedded) == 10  # the four of the segment that is whole are not embedded again
    index = load(home, encoder)
    assert len(index) == 14
    assert {segment.name for segment in index.segments} == {path.name for path in (home / "index" / "segments").iterdir()}

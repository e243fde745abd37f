"""Exit codes of commands, and what they stand for."""

import sys
from collections.abc import Callable

from corpus.errors import DocumentError
from embeddings.errors import EncoderError
from qa.errors import NotFound, QuestionError, ServiceError
from qa.settings import SettingsError

USAGE, UNAVAILABLE, INTERRUPTED = 2, 3, 130
_BAD_INPUT = (QuestionError, NotFound, SettingsError)


def code_of(command: Callable[[], int]) -> int:
    """Run a command, and print to standard error why it could not be done.

    :returns: what it returned; 2 for bad input; 3 where the index, the library, the records or the model cannot be used; 130 after
        Ctrl-C.
    """
    try:
        return command()
    except (ServiceError, DocumentError, EncoderError) as error:
        print(error.message, file=sys.stderr)
        return USAGE if isinstance(error, _BAD_INPUT) else UNAVAILABLE
    except OSError as error:
        print(f"无法读写（{error}）。 Cannot read or write ({error}).", file=sys.stderr)
        return UNAVAILABLE
    except KeyboardInterrupt:
        print("\n已中断，原有的索引不受影响。 Interrupted; the index is as it was.", file=sys.stderr)
        return INTERRUPTED

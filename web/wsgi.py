"""The application that ``python -m qa serve`` has gunicorn load, once, before it forks its workers."""

from corpus.errors import DocumentError
from embeddings.errors import EncoderError
from qa.errors import ServiceError
from qa.service import AnswerService
from qa.settings import Settings
from web.app import create_app


def _open() -> AnswerService:
    try:
        return AnswerService.open(settings)
    except (ServiceError, DocumentError, EncoderError) as error:
        raise SystemExit(error.message) from error


settings = Settings.from_environment()
application = create_app(_open(), settings)

"""A real service over the tiny corpus, and the application on it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from qa.service import AnswerService
from qa.settings import Settings
from web.app import create_app


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Settings of a home of its own, in which nothing is too doubtful to be answered."""
    return Settings(home=tmp_path / "data", threshold=0.0)


@pytest.fixture
def service(settings, tiny_reports, encoder) -> AnswerService:
    """An open service over the four tiny reports."""
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    return AnswerService.open(settings, encoder)


@pytest.fixture
def app(service, settings) -> Flask:
    """The application on :func:`service`."""
    return create_app(service, settings)


@pytest.fixture
def client(app) -> FlaskClient:
    """A client of :func:`app`."""
    return app.test_client()

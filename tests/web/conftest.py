"""The application over the tiny corpus."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from qa.service import AnswerService
from web.app import create_app


@pytest.fixture(scope="session")
def service(service, encoder) -> AnswerService:
    """The service over the tiny corpus, to which nothing is too doubtful to be answered."""
    return AnswerService.open(replace(service.settings, threshold=0.0), encoder)


@pytest.fixture(scope="session")
def app(service) -> Flask:
    """The application on :func:`service`."""
    return create_app(service, service.settings)


@pytest.fixture
def client(app) -> FlaskClient:
    """A fresh visitor of :func:`app`."""
    return app.test_client()


@pytest.fixture(scope="session")
def doubtful(service, encoder) -> FlaskClient:
    """A client of an application that answers nothing, because nothing is certain enough for it."""
    settings = replace(service.settings, threshold=1.0)
    return create_app(AnswerService.open(settings, encoder), settings).test_client()

"""The weights that ship and those that a calibration wrote."""

import json
import logging
from dataclasses import replace

import numpy as np
import pytest

from qa.weights import CALIBRATED, PARTS, load_weights, save_weights, weights_for

MODELS = ("encoder", "reader")


@pytest.fixture
def others():
    """Weights that are not those that ship."""
    return replace(load_weights(), window=np.arange(float(len(PARTS["window"]))))


@pytest.mark.parametrize(("reader", "said"), [("shipped", False), ("another", True)])
def test_a_home_without_a_calibration_has_the_shipped_weights(tmp_path, caplog, reader, said):
    with caplog.at_level(logging.WARNING):
        assert weights_for(tmp_path, ("encoder", reader)) is load_weights()
    assert ("not calibrated for this model" in caplog.text) == said


def test_a_calibration_for_these_models_is_used(tmp_path, others):
    save_weights(tmp_path / CALIBRATED, others, MODELS)
    np.testing.assert_array_equal(weights_for(tmp_path, MODELS).window, others.window)


def test_a_calibration_for_other_models_is_not_used_and_logged(tmp_path, others, caplog):
    save_weights(tmp_path / CALIBRATED, others, MODELS)
    with caplog.at_level(logging.WARNING):
        assert weights_for(tmp_path, ("encoder", "another")) is load_weights()
    assert "calibrate again" in caplog.text


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"models": MODELS, "window": {}})])
def test_a_damaged_calibration_is_not_used_and_logged(tmp_path, text, caplog):
    (tmp_path / CALIBRATED).write_text(text, encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert weights_for(tmp_path, MODELS) is load_weights()
    assert "calibrate again" in caplog.text


def test_the_shipped_weights_fit_the_features():
    shipped = load_weights()
    for part, names in PARTS.items():
        assert getattr(shipped, part).shape == (len(names),)
        assert np.isfinite(getattr(shipped, part)).all()


def test_weights_are_read_as_they_were_written(tmp_path, others):
    path = tmp_path / "reader.json"
    save_weights(path, others)
    np.testing.assert_array_equal(load_weights.__wrapped__(path).window, others.window)


def test_weights_of_other_features_are_refused(tmp_path):
    path = tmp_path / "reader.json"
    path.write_text(json.dumps({"sentence": {"own": 1.0}, "signals": {"bias": 0.0}}))
    with pytest.raises(ValueError, match="other features"):
        load_weights.__wrapped__(path)


def test_other_weights_have_another_fingerprint(others):
    assert load_weights().fingerprint == replace(load_weights()).fingerprint != others.fingerprint

"""Settings: defaults, the environment, and values that cannot be."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.settings import SETTINGS, Settings, SettingsError


def test_no_variables_give_the_defaults():
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert {s.name: getattr(settings, s.name) for s in SETTINGS} == {s.name: s.default for s in SETTINGS}


def test_variables_override_the_defaults():
    settings = Settings.from_environment({
        "QA_HOME": "/srv/reports", "QA_PORT": " 9000 ", "QA_VECTOR_WEIGHT": "0.25", "QA_LOG_JSON": "Yes",
        "HOME": "/root"})
    assert (settings.home, settings.port, settings.vector_weight, settings.log_json) == (
        Path("/srv/reports"), 9000, 0.25, True)


def test_an_empty_variable_is_an_unset_one():
    assert Settings.from_environment({"QA_PORT": "", "QA_HOME": " "}) == Settings()


@pytest.mark.parametrize(("variable", "value", "chinese", "english"), [
    ("QA_PORT", "abc", "QA_PORT 应为整数，现在是“abc”", "QA_PORT must be a whole number, and is “abc”"),
    ("QA_PORT", "70000", "QA_PORT 应在 0 到 65535 之间", "QA_PORT must be between 0 and 65535, and is 70000"),
    ("QA_VECTOR_WEIGHT", "half", "QA_VECTOR_WEIGHT 应为数字", "QA_VECTOR_WEIGHT must be a number"),
    ("QA_THRESHOLD", "nan", "QA_THRESHOLD 应在 0 到 1 之间", "QA_THRESHOLD must be between 0 and 1"),
    ("QA_LOG_JSON", "maybe", "QA_LOG_JSON 应为 true 或 false", "QA_LOG_JSON must be true or false"),
    ("QA_PUBLIC_URL", "qa.example.org", "QA_PUBLIC_URL 应为 http:// 或 https:// 开头的地址", "QA_PUBLIC_URL must be an address"),
    ("QA_WECHAT_API", "https://", "QA_WECHAT_API 应为 http:// 或 https:// 开头的地址", "QA_WECHAT_API must be an address"),
    ("QA_FETCH_NETWORKS", "10.0.0.0/8, intranet", "QA_FETCH_NETWORKS 应为 10.0.0.0/8 这样的网段", "QA_FETCH_NETWORKS must be networks"),
    ("QA_FETCH_NETWORKS", "10.0.0.1/8", "QA_FETCH_NETWORKS 应为", "QA_FETCH_NETWORKS must be networks"),
    ("QA_LIMITER_URL", "127.0.0.1:6379", "QA_LIMITER_URL 应形如 redis://", "QA_LIMITER_URL must look like redis://"),
    ("QA_LIMITER_URL", "redis://:secret@host:six/0", "QA_LIMITER_URL 应形如", "QA_LIMITER_URL must look like"),
    ("QA_WORKERS", "0", "QA_WORKERS 应在 1 到 256 之间", "QA_WORKERS must be between 1 and 256"),
])
def test_a_bad_value_is_said_in_both_languages(variable, value, chinese, english):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({variable: value})
    assert chinese in caught.value.message
    assert english in caught.value.message
    assert caught.value.code == "bad_setting"
    assert caught.value.detail["variable"] == variable


def test_the_password_in_an_address_of_redis_is_never_told():
    assert "secret" not in repr(Settings(limiter_url="redis://:secret@127.0.0.1:6379/0"))
    with pytest.raises(SettingsError) as caught:
        Settings(limiter_url="redis://:secret@:6379/0")
    assert "secret" not in caught.value.message + str(caught.value.detail)


def test_bounds_hold_for_settings_made_in_code_too():
    with pytest.raises(SettingsError):
        Settings(threshold=1.5)


def test_every_setting_says_what_it_means_in_both_languages():
    for setting in SETTINGS:
        chinese, english = setting.meaning
        assert any("\u4e00" <= c <= "\u9fff" for c in chinese), setting.name
        assert english.isascii(), setting.name


@given(st.builds(
    Settings, port=st.integers(0, 65535), threads=st.integers(1, 1024), vector_weight=st.floats(0, 1),
    threshold=st.floats(0, 1), log_json=st.booleans(), embedding_model=st.sampled_from(["", "a/b", "模型"]),
    home=st.sampled_from([Path("data"), Path("/srv/报告 库")])))
def test_settings_survive_the_way_through_the_environment(settings):
    assert Settings.from_environment(settings.to_environment()) == settings

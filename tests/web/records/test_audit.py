"""The audit log."""

from datetime import UTC, datetime

import pytest

from web.records.audit import Audit


def test_changes_are_kept_newest_first(engine):
    audit = Audit(engine)
    for number in range(5):
        audit.note("李", "report_correct", f"第{number}份", before="旧", after="新")
    changes, total = Audit(engine).page(offset=1, limit=2)
    assert total == 5
    assert [change.subject for change in changes] == ["第3份", "第2份"]
    assert changes[0].detail == {"before": "旧", "after": "新"}
    assert changes[0].at.tzinfo == UTC
    assert abs((datetime.now(UTC) - changes[0].at).total_seconds()) < 60


def test_who_did_something_is_told_by_the_id(engine):
    audit = Audit(engine)
    audit.note("李", "key_create", "客服", id="ab")
    audit.note("王", "key_create", "门户", id="cd")
    audit.note("王", "key_revoke", "客服", id="ab")
    assert audit.actors("key_create") == {"ab": "李", "cd": "王"}


def test_what_the_log_has_no_word_for_is_not_noted(engine):
    with pytest.raises(ValueError, match="is no action"):
        Audit(engine).note("李", "sneezed")

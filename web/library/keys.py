"""Keys of the API: made, limited and revoked; how much each is used."""

import json
from datetime import date, timedelta

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for

from web.access import administrators_only, current_account
from web.charts import bars, spark
from web.desk import desk
from web.library.periods import PERIODS, period
from web.records.keys import ASK, PER_DAY, PER_MINUTE, READ, SCOPES, Key, KeyRefused
from web.schema import ListRequest, from_query
from web.wording import say

PAGE = 25  # keys on one page
MONTH = 30  # days of use in the list
CHOSEN = (ASK, READ)  # scopes of a new key, unless others are chosen

blueprint = Blueprint("keys", __name__, url_prefix="/library/keys")


@blueprint.get("")
def index() -> str:
    """One page of the keys, newest first, and a form for another one."""
    administrators_only()
    offset = from_query(ListRequest, request.args).offset
    keys, total = desk().keys.page(offset, PAGE)
    return render_template(
        "library/keys.html", keys=keys, total=total, offset=offset, page=PAGE, makers=desk().audit.actors("key_create"),
        usage=desk().keys.usage(MONTH), spark=spark, month=MONTH, scopes=SCOPES, chosen=CHOSEN, per_minute=PER_MINUTE, per_day=PER_DAY)


@blueprint.post("")
def create() -> Response:
    """Make a key and show its secret, which no later page does."""
    try:
        key, secret = desk().keys.create(request.form.get("name", ""), request.form.getlist("scopes"), *_limits())
    except KeyRefused as error:
        flash(error.message, "problem")
        return redirect(url_for("keys.index"), 303)
    _note("key_create", key.name, id=key.id, scopes=list(key.scopes))
    response = make_response(render_template("library/key_made.html", key=key, secret=secret, call=_call(key, secret)), 201)
    response.cache_control.no_store = True
    return response


@blueprint.get("/<key_id>")
def show(key_id: str) -> str:
    """A key: what it may do, its use in the last days, and what can be changed about it."""
    administrators_only()
    key = desk().keys.find(key_id)
    days, first = period()
    each = [first + timedelta(days=n) for n in range((date.today() - first).days + 1)]
    use = desk().keys.usage(len(each)).get(key.id)
    calls = use.calls if use else (0,) * len(each)
    return render_template(
        "library/key.html", key=key, use=use, calls=calls, by_day=list(zip(each, calls, strict=True))[::-1], chart=bars(each, [calls]),
        days=days, periods=PERIODS, maker=desk().audit.actors("key_create").get(key.id))


@blueprint.post("/<key_id>")
def change(key_id: str) -> Response:
    """Limit or revoke a key, as the form's ``action`` says."""
    key = desk().keys.find(key_id)
    if request.form.get("action") == "revoke":
        desk().keys.revoke(key_id)
        _note("key_revoke", key.name, id=key_id)
        flash(say("key_revoked", g.language), "done")
        return redirect(url_for("keys.show", key_id=key_id), 303)
    try:
        desk().keys.limit(key_id, *_limits())
    except KeyRefused as error:
        flash(error.message, "problem")
    else:
        _note("key_limit", key.name, id=key_id, before=key.limits, after=desk().keys.find(key_id).limits)
        flash(say("key_limited", g.language), "done")
    return redirect(url_for("keys.show", key_id=key_id), 303)


def _limits() -> tuple[int, int]:
    """The calls a minute and a day that the form says; 0 for what is no number."""
    return request.form.get("per_minute", 0, int), request.form.get("per_day", 0, int)


def _call(key: Key, secret: str) -> str:
    """A call that the key is good for, for a shell."""
    base = f"{(desk().settings.public_url or request.host_url).rstrip('/')}/api/v1"
    header = f"-H 'Authorization: Bearer {secret}'"
    if ASK in key.scopes:
        question = json.dumps({"question": say("key_question", g.language)}, ensure_ascii=False)
        return f"curl {base}/ask {header} -H 'Content-Type: application/json' -d '{question}'"
    return f"curl {base}/documents {header}" + ("" if READ in key.scopes else " -F files=@report.docx")


def _note(action: str, subject: str, **detail: object) -> None:
    desk().audit.note(current_account().name, action, subject, **detail)

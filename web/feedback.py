"""What people think of an answer."""

from flask import Blueprint, Response, flash, g, redirect, request

from web.access import here
from web.desk import desk
from web.records.questions import LONGEST_COMMENT
from web.schema import VoteRequest, from_query
from web.wording import say

blueprint = Blueprint("feedback", __name__)


@blueprint.app_context_processor
def helpers() -> dict:
    """What the form needs: whether answers are kept to be judged, and how long a comment may be."""
    return {"keeps": bool(desk().settings.keep_days), "longest_comment": LONGEST_COMMENT}


@blueprint.post("/feedback/<answer_id>")
def give(answer_id: str) -> Response | tuple[str, int]:
    """Keep the form's ``verdict`` and ``comment``; to a page without scripts say thanks where it came from."""
    said = from_query(VoteRequest, request.form)
    desk().questions.judge(answer_id, int(said.verdict), said.comment)
    if said.next is None:
        return "", 204
    flash(say("feedback_thanks", g.language))
    return redirect(here(said.next), 303)

"""The chat on other sites: a script that adds a floating button, and the page that it opens in a frame."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from qa.errors import NotFound
from web.conversations import chat_page
from web.desk import desk
from web.security import origins, policy

blueprint = Blueprint("embed", __name__, static_folder="static", static_url_path="/none")


@blueprint.get("/embed.js")
def script() -> Response:
    """The script, which any site may load; what it opens shows on allowed sites only."""
    response = blueprint.send_static_file("embed.js")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/embed")
def frame() -> Response:
    """The chat for a frame on this site or an allowed one."""
    response = make_response(_chat())
    response.headers["Content-Security-Policy"] = policy(frame_ancestors=("'self'", *origins(desk().settings.embed_origins)))
    return response


def _chat() -> str | Response:
    """The chat; afresh where its conversation is gone, as a page that says so could not be left from a frame."""
    try:
        return chat_page(framed=True)
    except NotFound:
        return redirect(url_for(".frame", **{name: values for name, values in request.args.lists() if name not in ("c", "before")}), 303)


@blueprint.get("/embed/example")
def example() -> str:
    """What it looks like, and the line to copy."""
    return render_template("example.html", source=url_for("embed.script", _external=True), origins=origins(desk().settings.embed_origins),
                           here=request.host_url.rstrip("/"))

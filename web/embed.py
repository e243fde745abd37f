"""The chat on other sites: a script that adds a floating button, and the page that it opens in a frame."""

from flask import Blueprint, Response, render_template, request, url_for

from web.desk import desk
from web.pages import chat_page
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
    response = Response(chat_page(framed=True))
    response.headers["Content-Security-Policy"] = policy(frame_ancestors=("'self'", *origins(desk().settings.embed_origins)))
    return response


@blueprint.get("/embed/example")
def example() -> str:
    """What it looks like, and the line to copy."""
    return render_template("example.html", source=url_for("embed.script", _external=True), origins=origins(desk().settings.embed_origins),
                           here=request.host_url.rstrip("/"))

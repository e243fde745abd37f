"""The door of the library."""

from flask import Blueprint, Response, redirect, render_template, request, url_for

from web import access
from web.desk import desk

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
def show() -> str:
    """The form."""
    return render_template("login.html", next=request.args.get("next", ""), refused=False, name="")


@blueprint.post("/login")
def enter() -> Response | tuple[str, int]:
    """Begin a session and go on to where the visitor was going; or show the form again."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    account = desk().accounts.check(name, password)
    if account is None:
        desk().audit.note(name[:64], "login_refused")
        return render_template("login.html", next=request.form.get("next", ""), refused=True, name=name), 401
    access.log_in(account)
    desk().audit.note(account.name, "login")
    return redirect(access.here(request.form.get("next")), 303)


@blueprint.post("/logout")
def leave() -> Response:
    """End the session."""
    access.log_out()
    return redirect(url_for("pages.chat"), 303)

"""Accounts: who may enter, and as what."""

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for

from web.access import administrators_only, current_account, log_in
from web.desk import desk
from web.records.accounts import ROLES, AccountError
from web.wording import say

blueprint = Blueprint("accounts", __name__, url_prefix="/library/accounts")


@blueprint.get("")
def index() -> str:
    """Every account, and a form for another one."""
    administrators_only()
    return render_template("library/accounts.html", accounts=desk().accounts.all(), roles=ROLES)


@blueprint.post("")
def change() -> Response:
    """Add, change or remove an account, as the form's ``action`` says."""
    action, name = request.form.get("action", ""), request.form.get("name", "")
    accounts = desk().accounts
    mine = current_account()
    try:
        if action == "add":
            accounts.add(name, request.form.get("password", ""), request.form.get("role", ""))
        elif action == "password":
            accounts.set_password(name, request.form.get("password", ""))
        elif action == "role":
            accounts.set_role(name, request.form.get("role", ""))
        elif action == "remove":
            accounts.remove(name)
        else:
            abort(400)
    except AccountError as error:
        flash(error.message, "problem")
    else:
        desk().audit.note(mine.name, f"account_{action}", name, **({"role": request.form["role"]} if "role" in request.form else {}))
        if action == "password" and name == mine.name:
            log_in(accounts.named(name))
        flash(say("account_changed", g.language), "done")
    return redirect(url_for("accounts.index"), 303)

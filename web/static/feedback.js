// What one can do with an answer: copy it with its source, and say whether it helped.

import "./clipboard.js";
import { announce, copy } from "./page.js";

// Send a form without leaving the page.
async function send(form, button) {
  const said = new URLSearchParams(new FormData(form, button));
  said.delete("next");
  const response = await fetch(form.action, { method: "POST", body: said });
  const body = response.ok ? null : await response.json();
  announce(body ? body.error.message : form.dataset.done);
  return response.ok;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches(".votes, .wrong")) return;
  event.preventDefault();
  const reply = form.closest(".reply");
  const verdict = event.submitter.value || "-1";
  try {
    if (!(await send(form, event.submitter))) return;
  } catch {
    announce(copy("offline").querySelector(".message").textContent);
    return;
  }
  for (const button of reply.querySelectorAll(".votes button")) button.setAttribute("aria-pressed", String(button.value === verdict));
  const wrong = reply.querySelector(".wrong");
  wrong.hidden = verdict !== "-1" || form === wrong;
  if (!wrong.hidden) wrong.querySelector("[name=comment]").focus();
  else if (form === wrong) reply.querySelector(".votes [aria-pressed=true]").focus();
});

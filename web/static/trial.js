// The sliders of the hit test: what they change is worked out at once, and stands in the address.

import { Refusal, announce, fetchHtml, find, fragment } from "./page.js";

const form = find("form.trial");
const status = find("#status");

let newest = 0;

async function tryOut() {
  const turn = ++newest;
  const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
  const tried = find("#tried");
  announce(status.dataset.busy);
  tried.setAttribute("aria-busy", "true");
  try {
    const page = fragment(await fetchHtml(address));
    if (turn !== newest) return; // a slider has moved on since
    tried.replaceWith(page.querySelector("#tried"));
    window.history.replaceState(null, "", address);
    announce(status.dataset.done);
  } catch (error) {
    if (turn !== newest) return;
    const problem = tried.querySelector(".problem");
    problem.textContent = error instanceof Refusal ? error.message : status.dataset.offline;
    problem.hidden = false;
    tried.removeAttribute("aria-busy");
  }
}

form.addEventListener("input", ({ target }) => {
  if (target.type === "range") target.closest("label").querySelector("output").value = Number(target.value).toFixed(2);
});
form.addEventListener("change", ({ target }) => {
  if (target.type === "range" && form.elements.q.value.trim()) tryOut();
});

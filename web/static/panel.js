// A report in the panel beside the chat.

import { Refusal, copy, fetchHtml, find, fragment, onClick } from "./page.js";

const desk = find(".desk");
const panel = find(".panel");
const beside = window.matchMedia("(min-width: 64rem)"); // the panel has room beside the chat

let opener = null;

async function openReport(link) {
  const address = new URL(link.href);
  let content;
  try {
    content = fragment(await fetchHtml(`/fragments${address.pathname}${address.search}`));
  } catch (error) {
    content = copy("lost");
    if (error instanceof Refusal) content.querySelector(".message").textContent = error.message;
  }
  if (panel.hidden) window.history.pushState({ panel: true }, "");
  opener?.removeAttribute("aria-current");
  opener = link;
  link.setAttribute("aria-current", "true");
  panel.replaceChildren(content);
  panel.hidden = false;
  desk.classList.add("reading");
  cover();
  panel.querySelector("[tabindex]").focus({ preventScroll: true });
  panel.querySelector("#quote")?.scrollIntoView({ block: "center", behavior: "instant" });
}

export function closeReport() {
  if (panel.hidden) return;
  panel.hidden = true;
  desk.classList.remove("reading");
  cover();
  opener?.removeAttribute("aria-current");
  opener?.focus();
  opener = null;
}

// On a narrow screen the panel lies over the rest, which must then not be reached.
function cover() {
  for (const part of [find(".masthead"), find(".chat")]) part.inert = !panel.hidden && !beside.matches;
}

beside.addEventListener("change", cover);
window.addEventListener("popstate", closeReport);

onClick({
  "[data-report]": openReport,
  "[data-close]": () => window.history.back(),
  ".panel .outline a": (link) => panel.querySelector(link.hash).scrollIntoView(),
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) window.history.back();
});

// Reading a report, in the panel and on its own page: where one is, the link to it, and the original's page enlarged.

import { copyText } from "./clipboard.js";
import { announce, find, onClick } from "./page.js";

// Show what only works with scripts, and scroll to the place: that of the address, else the quote.
export function showPlace(report, hash) {
  for (const button of report.querySelectorAll("#copy, #enlarge")) button.hidden = false;
  const place = (hash && report.querySelector(`#${CSS.escape(hash.slice(1))}`)) || report.querySelector("#quote");
  place?.scrollIntoView({ block: hash && place.id !== "quote" ? "start" : "center", inline: "center", behavior: "instant" });
  markPresent();
}

const READ = 0.55; // of the window's height, just under where a quote is scrolled to

// The last heading above the line being read is the present one.
function markPresent() {
  const entries = [...document.querySelectorAll(".outline a")];
  const isAbove = (entry) => find(entry.hash)?.getBoundingClientRect().top < READ * window.innerHeight;
  const present = entries.findLast(isAbove);
  if (!present) return; // before the first heading of this part: as the server has it
  for (const entry of entries) entry.removeAttribute("aria-current");
  present.setAttribute("aria-current", "true");
  find(".outline .present").textContent = present.textContent;
}

async function copyLink(button) {
  const copied = await copyText(new URL(button.dataset.copy, window.location.href).href);
  const said = copied ? button.dataset.copied : button.dataset.failed;
  button.dataset.name ??= button.textContent;
  button.textContent = said;
  announce(said);
}

function enlarge(button) {
  const large = button.getAttribute("aria-pressed") === "false";
  button.setAttribute("aria-pressed", String(large));
  find(".leaf").classList.toggle("large", large);
  find("#quote")?.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
}

onClick({ "[data-copy]": copyLink, "[data-enlarge]": enlarge });

document.addEventListener("scroll", markPresent, { capture: true, passive: true });
document.addEventListener("focusout", ({ target }) => {
  if (target.dataset?.name) target.textContent = target.dataset.name; // what was said of copying
});
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.(".outline")) target.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}, { capture: true });

// On a wide screen the table of contents stands beside a report's own page; elsewhere it opens over the text.
const report = find("main.report");
const contents = report?.querySelector(".outline");
const wide = window.matchMedia("(min-width: 82rem)");
const isBeside = () => Boolean(contents) && wide.matches;
const lay = () => contents?.toggleAttribute("open", wide.matches);
const openContents = () => (isBeside() ? null : find(".outline[open]"));

wide.addEventListener("change", lay);
document.addEventListener("click", ({ target }) => {
  const open = openContents();
  if (open && (target.closest(".outline a") || !open.contains(target))) open.open = false;
});
document.addEventListener("keydown", (event) => {
  const open = openContents();
  if (event.key !== "Escape" || !open) return;
  event.preventDefault(); // the panel stays
  open.open = false;
  open.querySelector("summary").focus();
});

if (report) {
  lay();
  showPlace(report, window.location.hash);
}

// Which reports may answer: the boxes above the question, and the address, say the same.

import { find, onClick } from "./page.js";

const filters = find(".filters");
const boxes = [...filters.querySelectorAll("input")];
const NAMES = { region: "regions", year: "years", issuer: "issuers", document: "document_ids" };

const ticked = () => boxes.filter((box) => box.checked);

// As a question carries them to the server.
export function filtersOf() {
  const chosen = Object.fromEntries(Object.values(NAMES).map((name) => [name, []]));
  for (const box of ticked()) chosen[NAMES[box.name]].push(box.name === "year" ? Number(box.value) : box.value);
  return chosen;
}

function show() {
  const chosen = find(".filters .chosen");
  chosen.textContent = ticked().map((box) => box.dataset.label).join(" · ") || chosen.dataset.all;
  for (const link of [null, find("[data-language]"), find("[data-new]")]) {
    const address = new URL(link?.href ?? window.location.href);
    for (const name of Object.keys(NAMES)) address.searchParams.delete(name);
    for (const box of ticked()) address.searchParams.append(box.name, box.value);
    if (link) link.href = address;
    else window.history.replaceState(window.history.state, "", address);
  }
}

function clear() {
  for (const box of boxes) box.checked = false;
  show();
  filters.querySelector("summary").focus();
}

filters.addEventListener("change", show);
onClick({ "[data-unfilter]": clear });

// A report in the panel beside the chat. What is open stands behind the # of the address: #/reports/ID?start=..&end=..

import { Refusal, announce, copy, fetchHtml, find, fragment, onClick } from "./page.js";
import { showPlace } from "./reading.js";

const desk = find(".desk");
const panel = find(".panel");
const beside = window.matchMedia("(min-width: 64rem)"); // the panel has room beside the chat
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

let opener = null; // the link to the citation that is open
let asked = 0; // counts what was asked for, so that a late reply does not replace a later one

const placeOf = (link) => link.pathname + link.search;
const placeOfAddress = () => /^#(\/reports\/\w+(\?[\w=&]*)?)$/.exec(window.location.hash)?.[1];

// The citation that a place belongs to, whichever part or page of the report it shows.
function citationOf(place) {
  const { pathname, searchParams } = new URL(place, window.location.href);
  return [pathname, searchParams.get("start"), searchParams.get("end")].join(" ");
}

const links = (within) => [...(within?.querySelectorAll("[data-report]") ?? [])];
const isSame = (link, place) => citationOf(placeOf(link)) === citationOf(place);

// The citations of the answer that the open one belongs to; of a passage that is none, the other passages.
function neighbours() {
  const all = links(opener?.closest(".reply"));
  const chips = all.filter((link) => link.matches(".chip"));
  const isCited = (link) => chips.some((chip) => isSame(chip, placeOf(link)));
  const group = opener && isCited(opener) ? chips : all.filter((link) => !isCited(link));
  return { group, at: group.findIndex((link) => isSame(link, placeOf(opener))) };
}

async function load(place) {
  try {
    return fragment(await fetchHtml(`/fragments${place}`));
  } catch (error) {
    const lost = copy("lost");
    if (error instanceof Refusal) lost.querySelector(".message").textContent = error.message;
    return lost;
  }
}

async function show(place, hash = "") {
  const turn = ++asked;
  const content = await load(place);
  if (turn !== asked) return;
  const focused = panel.contains(document.activeElement) && document.activeElement.id;
  panel.replaceChildren(content);
  panel.hidden = false;
  desk.classList.add("reading");
  cover();
  setOpener(place);
  const kept = focused && panel.querySelector(`#${focused}:enabled, a#${focused}`);
  (kept || panel.querySelector("[tabindex]")).focus({ preventScroll: true });
  panel.scrollTop = 0;
  showPlace(panel, hash);
}

// After a reload, or where an address was opened, the link is found again by what it opens.
function setOpener(place) {
  const link = opener?.isConnected && isSame(opener, place) ? opener : links(find(".turns")).find((each) => isSame(each, place));
  opener?.removeAttribute("aria-current");
  opener = link ?? null;
  opener?.setAttribute("aria-current", "true");
  const steps = panel.querySelector(".steps");
  const { group, at } = neighbours();
  if (!steps || group.length < 2) return;
  steps.hidden = false;
  steps.querySelector(".tally").textContent = `${at + 1} / ${group.length}`;
  for (const button of steps.querySelectorAll("button")) button.disabled = !group[at + Number(button.dataset.step)];
}

// The first report opened is a step in the browser's history, so that its back button closes the panel.
function setAddress(place) {
  const address = `${window.location.pathname}${window.location.search}#${place}`;
  if (placeOfAddress()) window.history.replaceState(window.history.state, "", address);
  else window.history.pushState({ panel: true }, "", address);
}

function open(link, hash) {
  setAddress(placeOf(link));
  return show(placeOf(link), hash);
}

async function step(by) {
  const { group, at } = neighbours();
  const link = group[at + by];
  if (!link) return;
  announce(link.getAttribute("aria-label") ?? link.textContent);
  const onPage = new URL(placeOfAddress(), window.location.href).searchParams.has("page");
  opener?.removeAttribute("aria-current");
  opener = link;
  await open(link);
  const picture = panel.querySelector("#view-page");
  if (onPage && picture) await open(picture);
}

function hide() {
  asked += 1;
  if (panel.hidden) return;
  panel.hidden = true;
  desk.classList.remove("reading");
  cover();
  opener?.removeAttribute("aria-current");
  (opener ?? find("#question")).focus();
  opener = null;
}

function closeReport() {
  if (placeOfAddress()) window.history.replaceState(null, "", window.location.pathname + window.location.search);
  hide();
}

function leave() {
  if (window.history.state?.panel) window.history.back();
  else closeReport();
}

function followAddress() {
  const place = placeOfAddress();
  if (place) show(place);
  else hide();
}

// On a narrow screen the panel lies over the rest, which must then not be reached.
function cover() {
  for (const part of [find(".masthead"), find(".chat")]) part.inert = !panel.hidden && !beside.matches;
}

beside.addEventListener("change", cover);
window.addEventListener("popstate", followAddress);

onClick({
  "[data-report]": (link) => {
    opener?.removeAttribute("aria-current");
    opener = link;
    open(link);
  },
  "[data-close]": leave,
  "[data-step]": (button) => step(Number(button.dataset.step)),
  "[data-inside]": (link) => open(link, link.hash),
  ".panel a[href^='#']": (link) => showPlace(panel, link.hash),
});

document.addEventListener("keydown", (event) => {
  if (panel.hidden || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.key === "Escape") leave();
  if (event.key in STEPS && panel.contains(event.target) && !event.target.matches(".leaf")) step(STEPS[event.key]);
});

if (placeOfAddress()) followAddress();

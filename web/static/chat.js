// The chat: sends questions, keeps the conversation through a reload, opens reports beside it.

const KEPT = 30; // turns kept through a reload
const SENT = 10; // earlier questions sent along with a question

const find = (selector) => document.querySelector(selector);
const desk = find(".desk");
const form = find(".composer");
const box = find("#question");
const count = find(".count");
const turns = find(".turns");
const welcome = find(".welcome");
const scroller = find(".scroll");
const panel = find(".panel");
const status = find("#status");
const beside = window.matchMedia("(min-width: 64rem)"); // the panel has room beside the chat
const language = document.documentElement.lang;

const copy = (name) => find(`#${name}`).content.firstElementChild.cloneNode(true);

const fragment = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
};

class Refusal extends Error {} // the service said no, and why

async function fetchHtml(address, options = {}) {
  const parted = address.includes("?") ? "&" : "?"; // a frame on another site gets no cookie that would say the language
  const response = await fetch(`${address}${parted}lang=${language.slice(0, 2)}`, options);
  if (response.ok) return response.text();
  const body = await response.json();
  throw new Refusal(body.error.message);
}

// Conversation

const answered = (turn) => "done" in turn.dataset;
const questions = (list) => list.filter(answered).map((turn) => turn.dataset.question);

function newTurn(question) {
  const turn = copy("turn");
  turn.dataset.question = question;
  const link = turn.querySelector("h2 a");
  link.textContent = question;
  link.href = `/?q=${encodeURIComponent(question)}`;
  turns.append(turn);
  welcome.hidden = true;
  return turn;
}

function setReply(turn, reply) {
  turn.querySelector(".reply")?.remove();
  turn.append(reply);
}

async function answer(turn, history) {
  setReply(turn, copy("loading"));
  status.textContent = turn.querySelector(".wait").textContent;
  try {
    const html = await fetchHtml("/fragments/answer", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question: turn.dataset.question, history: history.slice(-SENT) }),
    });
    setReply(turn, fragment(html).querySelector(".reply"));
    status.textContent = turn.querySelector(".reply").dataset.announce;
    turn.dataset.done = "";
  } catch (error) {
    const refused = error instanceof Refusal;
    const reply = copy(refused ? "problem" : "offline");
    if (refused) {
      reply.querySelector(".message").textContent = error.message;
      box.value ||= turn.dataset.question; // to be put right
      measure();
    }
    setReply(turn, reply);
    status.textContent = reply.querySelector(".message").textContent;
  }
  keep();
}

function ask(question) {
  const history = questions([...turns.children]);
  const turn = newTurn(question);
  scroller.scrollTop = turn.offsetTop - scroller.offsetTop;
  return answer(turn, history);
}

function keep() {
  const done = [...turns.children].filter(answered).slice(-KEPT);
  const kept = done.map((turn) => ({
    question: turn.dataset.question,
    reply: turn.querySelector(".reply").outerHTML,
  }));
  try {
    sessionStorage.setItem("conversation", JSON.stringify({ language, turns: kept }));
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error;
    sessionStorage.removeItem("conversation"); // too long to keep: a reload starts afresh
  }
}

async function restore() {
  const opened = [...turns.children]; // answered by the server for this address
  opened.forEach((turn) => (turn.dataset.done = ""));
  const kept = JSON.parse(sessionStorage.getItem("conversation") ?? "null");
  const earlier = kept?.turns ?? [];
  if (earlier.at(-1)?.question === opened[0]?.dataset.question) earlier.pop();
  const history = [];
  for (const { question, reply } of earlier) {
    const turn = newTurn(question);
    if (opened[0]) opened[0].before(turn);
    if (kept.language === language) setReply(turn, fragment(reply).firstElementChild);
    else await answer(turn, [...history]);
    turn.dataset.done = "";
    history.push(question);
  }
  const last = turns.lastElementChild;
  if (last) scroller.scrollTop = last.offsetTop - scroller.offsetTop;
  if (opened.length) forgetAddress();
  keep();
}

// The question in the address is part of the conversation now, and must not be asked again by a reload.
function forgetAddress() {
  window.history.replaceState(null, "", window.location.pathname);
  const link = new URL(find("[data-language]").href);
  find("[data-language]").href = `/?lang=${link.searchParams.get("lang")}`;
}

function startAnew() {
  turns.replaceChildren();
  welcome.hidden = false;
  scroller.scrollTop = 0;
  keep();
  closeReport();
  measure();
  box.focus();
}

// Question box

function measure() {
  const length = [...box.value.trim()].length;
  const limit = Number(box.dataset.max);
  count.hidden = length <= limit * 0.8;
  count.textContent = `${length} / ${limit}`;
  count.classList.toggle("over", length > limit);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = box.value.trim();
  box.value = "";
  measure();
  box.focus();
  if (question) ask(question);
});

box.addEventListener("keydown", (event) => {
  const composing = event.isComposing || event.keyCode === 229; // an input method is at work
  if (event.key !== "Enter" || event.shiftKey || composing) return;
  event.preventDefault();
  form.requestSubmit();
});

box.addEventListener("input", measure);

// Report panel

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

function closeReport() {
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

// Clicks and keys anywhere

const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

const clicks = {
  "[data-ask]": (link) => ask(link.dataset.ask),
  "[data-report]": openReport,
  "[data-close]": () => window.history.back(),
  "[data-new]": startAnew,
  "[data-retry]": (button) => {
    const turn = button.closest(".turn");
    const all = [...turns.children];
    answer(turn, questions(all.slice(0, all.indexOf(turn))));
  },
  ".panel .outline a": (link) => panel.querySelector(link.hash).scrollIntoView(),
};

document.addEventListener("click", (event) => {
  if (!plain(event)) return;
  for (const [selector, act] of Object.entries(clicks)) {
    const target = event.target.closest(selector);
    if (!target) continue;
    event.preventDefault();
    act(target);
    return;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) window.history.back();
});

restore();

// The chat: sends questions and keeps the conversation through a reload.

import { clear, giveBack, onQuestion } from "./composer.js";
import { Refusal, announce, copy, fetchHtml, find, fragment, language, onClick } from "./page.js";
import { closeReport } from "./panel.js";

const KEPT = 30; // turns kept through a reload
const SENT = 10; // earlier questions sent along with a question

const turns = find(".turns");
const welcome = find(".welcome");
const scroller = find(".scroll");

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
  announce(turn.querySelector(".wait").textContent);
  try {
    const html = await fetchHtml("/fragments/answer", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question: turn.dataset.question, history: history.slice(-SENT) }),
    });
    setReply(turn, fragment(html).querySelector(".reply"));
    announce(turn.querySelector(".reply").dataset.announce);
    turn.dataset.done = "";
  } catch (error) {
    const refused = error instanceof Refusal;
    const reply = copy(refused ? "problem" : "offline");
    if (refused) {
      reply.querySelector(".message").textContent = error.message;
      giveBack(turn.dataset.question);
    }
    setReply(turn, reply);
    announce(reply.querySelector(".message").textContent);
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
  window.history.replaceState(null, "", window.location.pathname + window.location.hash);
  const link = new URL(find("[data-language]").href);
  find("[data-language]").href = `/?lang=${link.searchParams.get("lang")}`;
}

function startAnew() {
  turns.replaceChildren();
  welcome.hidden = false;
  scroller.scrollTop = 0;
  keep();
  closeReport();
  clear();
}

onQuestion(ask);

onClick({
  "[data-ask]": (link) => ask(link.dataset.ask),
  "[data-new]": startAnew,
  "[data-retry]": (button) => {
    const turn = button.closest(".turn");
    const all = [...turns.children];
    answer(turn, questions(all.slice(0, all.indexOf(turn))));
  },
});

restore();

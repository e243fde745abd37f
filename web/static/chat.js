// The chat: sends questions and puts the conversation's address where a reload finds it.

import { giveBack, onQuestion } from "./composer.js";
import { Refusal, announce, copy, fetchHtml, find, fragment, onClick } from "./page.js";
import "./feedback.js";
import { filtersOf } from "./filters.js";
import "./panel.js";

const SENT = 10; // earlier questions sent along with a question, for where no conversation is kept

const chat = find(".chat");
const turns = find(".turns");
const scroller = find(".scroll");
const conversation = find(".composer [name=c]"); // holds the key of the conversation
const framed = document.body.classList.contains("framed");

let last = Promise.resolve(); // questions are answered one after the other

function newTurn(question) {
  const turn = copy("turn");
  turn.dataset.question = question;
  const link = turn.querySelector("h2 a");
  link.textContent = question;
  link.href = `/?q=${encodeURIComponent(question)}`;
  turns.append(turn);
  find(".welcome").hidden = true;
  return turn;
}

// The questions before a turn that were answered.
function history(turn) {
  const all = [...turns.querySelectorAll(".turn")];
  const answered = all.slice(0, all.indexOf(turn)).filter((each) => each.querySelector(".reply:not(.loading, .problem)"));
  return answered.map((each) => each.dataset.question).slice(-SENT);
}

function setReply(turn, reply) {
  turn.querySelector(".reply")?.remove();
  turn.append(reply);
}

async function answer(turn) {
  try {
    const html = await fetchHtml("/fragments/answer", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question: turn.dataset.question, history: history(turn), conversation: conversation.value || null, framed, filters: filtersOf() }),
    });
    const came = fragment(html);
    setReply(turn, came.querySelector(".reply"));
    announce(turn.querySelector(".reply").dataset.announce);
    goOnIn(came.querySelector(".kept"));
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
}

function send(turn) {
  setReply(turn, copy("loading"));
  announce(turn.querySelector(".wait").textContent);
  last = last.then(() => answer(turn));
}

// Take up the head of the conversation that now keeps the answers, where it is another one.
function goOnIn(head) {
  if (!head) return;
  find(".kept")?.remove();
  chat.prepend(head);
  conversation.value = head.dataset.conversation;
  document.title = head.dataset.title;
  settle();
}

// Show the conversation's address, with all that the present one says besides.
function settle() {
  if (!conversation.value) return;
  const address = new URL(window.location);
  for (const name of ["q", "h", "c", "before"]) address.searchParams.delete(name);
  if (framed) address.searchParams.set("c", conversation.value);
  else address.pathname = `/c/${conversation.value}`;
  window.history.replaceState(window.history.state, "", address);
  const link = find("[data-language]");
  address.searchParams.set("lang", new URL(link.href).searchParams.get("lang"));
  link.href = address;
}

function show(turn, behavior = "auto") {
  scroller.scrollTo({ top: turn.offsetTop - scroller.offsetTop, behavior });
}

function ask(question) {
  const turn = newTurn(question);
  show(turn);
  send(turn);
}

async function showEarlier(link) {
  try {
    const earlier = fragment(await fetchHtml(link.href)).querySelector(".turns");
    const last = [...earlier.querySelectorAll("h2 a")].at(-1);
    link.parentElement.replaceWith(...earlier.children);
    last.focus();
  } catch {
    window.location.assign(link.href); // the browser says what is wrong
  }
}

onQuestion(ask);

onClick({
  "[data-ask]": (link) => ask(link.dataset.ask),
  "[data-retry]": (button) => send(button.closest(".turn")),
  "[data-earlier]": showEarlier,
});

window.addEventListener("popstate", settle);
document.addEventListener("toggle", (event) => event.target.querySelector("[name=title]")?.focus(), true); // does not bubble
const opened = turns.querySelector(".turn:last-of-type");
if (opened) show(opened, "instant");

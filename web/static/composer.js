// The box that questions are written in.

import { find } from "./page.js";

const form = find(".composer");
const box = find("#question");
const count = find(".count");

function measure() {
  const length = [...box.value.trim()].length;
  const limit = Number(box.dataset.max);
  count.hidden = length <= limit * 0.8;
  count.textContent = `${length} / ${limit}`;
  count.classList.toggle("over", length > limit);
}

// Call back with each question that is sent.
export function onQuestion(take) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    clear();
    if (question) take(question);
  });
}

// Empty the box for the next question.
function clear() {
  box.value = "";
  measure();
  box.focus();
}

// Put a question back that the service refused, for its writer to put right.
export function giveBack(question) {
  box.value ||= question;
  measure();
}

box.addEventListener("keydown", (event) => {
  const composing = event.isComposing || event.keyCode === 229; // an input method is at work
  if (event.key !== "Enter" || event.shiftKey || composing) return;
  event.preventDefault();
  form.requestSubmit();
});

box.addEventListener("input", measure);

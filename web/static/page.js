// What every part of the chat's page needs: its elements, the pieces that the server renders, clicks.

export const find = (selector) => document.querySelector(selector);
export const language = document.documentElement.lang;

document.documentElement.classList.add("scripts"); // what needs them may show now

const status = find("#status");

// A copy of what a template holds.
export const copy = (name) => find(`#${name}`).content.firstElementChild.cloneNode(true);

export const fragment = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
};

// Tell a screen reader.
export function announce(text) {
  status.textContent = text;
}

export class Refusal extends Error {} // the service said no, and why

export async function fetchHtml(address, options = {}) {
  const parted = address.includes("?") ? "&" : "?"; // a frame on another site gets no cookie that would say the language
  const response = await fetch(`${address}${parted}lang=${language.slice(0, 2)}`, options);
  if (response.ok) return response.text();
  const body = await response.json();
  throw new Refusal(body.error.message);
}

const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

// What a plain click does, by the selector of what is clicked.
export function onClick(acts) {
  document.addEventListener("click", (event) => {
    if (!plain(event)) return;
    for (const [selector, act] of Object.entries(acts)) {
      const target = event.target.closest(selector);
      if (!target) continue;
      event.preventDefault();
      act(target);
      return;
    }
  });
}

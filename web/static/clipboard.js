// Copying a text, also where the page is not served over TLS and browsers withhold their clipboard. A button with data-text copies that.

import { announce, onClick } from "./page.js";

function copySelected(text) {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "hidden";
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused.focus({ preventScroll: true });
  return copied;
}

// Whether the text is on the clipboard now.
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

async function copyOwn(button) {
  const copied = await copyText(button.dataset.text);
  announce(copied ? button.dataset.done : button.dataset.failed);
  if (copied) button.classList.add("done");
}

onClick({ "[data-text]": copyOwn });

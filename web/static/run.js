// A run of the test questions: its page follows it to its end.

import { announce, fetchHtml, find, fragment } from "./page.js";

const EVERY = 1000; // milliseconds

const wait = (time) => new Promise((resolve) => window.setTimeout(resolve, time));

while (find("#run").dataset.state === "running") {
  await wait(EVERY);
  const page = await fetchHtml(window.location.href).catch(() => null); // the server may be restarting
  if (page) find("#run").replaceWith(fragment(page).querySelector("#run"));
  if (find("#run").dataset.state !== "running") announce(find("#status").dataset.done);
}

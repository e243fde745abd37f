// Files handed in by drag and drop or by choosing them, a request each; jobs shown as they come on.

const SOON = 1000, LATER = 4000; // milliseconds between two looks at the jobs

const find = (selector) => document.querySelector(selector);
const open = () => document.querySelectorAll("#jobs [data-open]").length;
const filled = (text, values) => text.replace(/%(name|n|of)\b/g, (_, key) => values[key]);

async function send(form, files) {
  const status = form.querySelector("[data-status]");
  const problems = [];
  for (const [n, file] of files.entries()) {
    status.textContent = filled(form.dataset.sending, { n: n + 1, of: files.length, name: file.name });
    const problem = file.size > form.dataset.max ? filled(form.dataset.large, file) : await post(form, file);
    if (problem) problems.push(problem);
    else look();
  }
  status.textContent = problems.join(" ");
  form.reset();
}

// What kept a file from arriving, or nothing.
async function post(form, file) {
  const body = new FormData();
  body.append("csrf_token", form.elements.csrf_token.value);
  body.append("files", file);
  try {
    const response = await fetch(form.action, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" } });
    if (response.type === "opaqueredirect") return ""; // it was taken, and leads back to this page
    return (await response.json()).error.message;
  } catch {
    return filled(form.dataset.broken, file);
  }
}

let waiting; // the next look

// Show how the jobs come on, and look again while there are open ones.
async function look() {
  clearTimeout(waiting);
  const before = open();
  let pause = SOON;
  try {
    const response = await fetch(find("#jobs").dataset.address);
    if (response.status === 401) location.reload();
    if (response.ok) find("#jobs").innerHTML = await response.text();
    if (open() < before || (before && !open())) await renew();
  } catch {
    pause = LATER; // the server may be starting anew
  }
  if (open()) waiting = setTimeout(look, pause);
}

// Bring what the jobs change up to date, and say what became of the last one.
async function renew() {
  const response = await fetch(location.href);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const selector of ["h1", "[data-fresh]"]) find(selector).replaceChildren(...page.querySelector(selector).childNodes);
  const last = find("#jobs .job:not([data-open])");
  find("#ended").textContent = last ? `${last.querySelector(".state").textContent} ${last.querySelector(".subject").textContent}` : "";
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-upload]")) return;
  event.preventDefault();
  send(form, [...form.elements.files.files]);
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.("[data-upload]");
    if (!form || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.toggle("over", kind === "dragover");
    if (kind !== "drop") return;
    const files = [...event.dataTransfer.files];
    send(form, form.elements.files.multiple ? files : files.slice(0, 1));
  });
}

if (open()) waiting = setTimeout(look, SOON);

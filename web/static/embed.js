// The chat as a floating button on another site:
// <script src="https://HOST/embed.js" data-lang="zh" data-label="问报告" data-side="right" async></script>
// Any further data-* that the chat's address takes (region, year, issuer, document) narrows what answers.

(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const { lang = document.documentElement.lang.startsWith("en") ? "en" : "zh", label, side = "right", ...filters } = script.dataset;
  const words = lang === "en" ? { open: "Ask the reports", close: "Close" } : { open: "问报告", close: "关闭" };

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; position: fixed; z-index: 2147483000; bottom: 1.25rem; ${side === "left" ? "left" : "right"}: 1.25rem;
      font: 600 1rem/1.2 -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", system-ui, sans-serif; }
    button { display: block; margin-${side === "left" ? "right" : "left"}: auto; padding: .8rem 1.25rem; border: 0; border-radius: 4px; font: inherit;
      color: #fff; background: #a3262a; cursor: pointer; box-shadow: 0 2px 12px rgb(0 0 0 / .25); }
    button:focus-visible { outline: 3px solid #1f5fa8; outline-offset: 3px; }
    iframe { display: block; width: min(26rem, calc(100vw - 2.5rem)); height: min(42rem, calc(100dvh - 6rem)); margin-bottom: .75rem; border: 0;
      border-radius: 6px; background: #f6f7f5; box-shadow: 0 6px 32px rgb(0 0 0 / .3); }
    [hidden] { display: none; }
    @media (prefers-color-scheme: dark) { iframe { background: #15191c; } }
  `);

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [style];
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = label || words.open;
  frame.allow = "clipboard-write";
  const button = document.createElement("button");
  button.type = "button";
  root.append(frame, button);

  function show(open) {
    if (open && !frame.src) frame.src = `${home}/embed?${new URLSearchParams({ lang, ...filters })}`;
    frame.hidden = !open;
    button.textContent = open ? words.close : label || words.open;
    button.setAttribute("aria-expanded", String(open));
    (open ? frame : button).focus();
  }

  button.addEventListener("click", () => show(frame.hidden));
  window.addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.origin === home && event.data === "reportqa:close") show(false);
  });

  button.textContent = label || words.open;
  button.setAttribute("aria-expanded", "false");
  document.body ? document.body.append(host) : addEventListener("DOMContentLoaded", () => document.body.append(host));
})();

// What the page does in the browser. Each of its own parts (conversation, sources, cards) runs this once:
// `element` is the part, `trigger` sends an event to Python, `watch` tells when the part was shown anew.
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
let newest = "";

// A citation opens its source at the quoted words: in the panel's own scroll beside the answer, or further down on a phone.
function openSource(id) {
  const mark = document.getElementById(id);
  if (!mark) return;
  const panel = mark.closest(".panel");
  const turn = mark.closest(".turn-sources");
  panel.querySelectorAll(".turn-sources.chosen").forEach((other) => other.classList.remove("chosen"));
  turn.classList.add("chosen");
  panel.classList.toggle("choosing", true);
  document.querySelectorAll("mark.open").forEach((other) => other.classList.remove("open"));
  document.querySelectorAll(`mark[data-number="${mark.dataset.number}"]`).forEach((part) => {
    if (turn.contains(part)) part.classList.add("open");
  });
  if (panel.scrollHeight > panel.clientHeight + 1 && getComputedStyle(panel).overflowY !== "visible") {
    const offset = mark.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    panel.scrollTo({ top: panel.scrollTop + offset - panel.clientHeight / 3, behavior: calm ? "auto" : "smooth" });
  }
  const box = mark.getBoundingClientRect();
  if (box.bottom < 0 || box.top > window.innerHeight || getComputedStyle(panel).overflowY === "visible") {
    mark.scrollIntoView({ block: "center" });
  }
  mark.focus({ preventScroll: true });
}

function returnTo(id) {
  const link = document.getElementById(id);
  if (!link) return;
  link.scrollIntoView({ block: "center" });
  link.focus({ preventScroll: true });
}

function follow(hash) {
  if (hash.startsWith("#c-")) openSource(hash.slice(1));
  if (hash.startsWith("#r-")) returnTo(hash.slice(1));
}

function followLink(event) {
  const link = event.target.closest('a[href^="#c-"], a[href^="#r-"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  event.preventDefault();
  const hash = link.getAttribute("href");
  // The browser's own Back returns to the citation that was followed.
  if (hash.startsWith("#c-")) history.replaceState(history.state, "", "#" + link.id);
  history.pushState(history.state, "", hash);
  follow(hash);
  return true;
}

function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.select();
  document.execCommand("copy");
  area.remove();
  return Promise.resolve();
}

function save() {
  const answers = [...element.querySelectorAll(".as-markdown")].map((kept) => kept.textContent);
  const text = ["# Ask the Experts", ...answers].join("\n\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  link.download = "ask-the-experts.md";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function act(button) {
  const tools = button.closest(".tools");
  const data = button.dataset;
  if (data.ask) trigger("ask", { question: data.ask });
  else if (data.more) trigger("more", { shown: data.more });
  else if (data.verdict) {
    const include = tools.querySelector(".include").checked ? "yes" : "no";
    trigger("rate", { verdict: data.verdict, turn: tools.dataset.turn, include });
  } else if (data.do === "restart") trigger("restart");
  else if (data.do === "save") save();
  else if (data.do === "copy") {
    copy(tools.querySelector(".as-markdown").textContent).then(() => {
      tools.querySelector(".thanks").textContent = "Copied.";
    });
  }
}

element.addEventListener("click", (event) => {
  if (followLink(event)) return;
  const button = event.target.closest("button");
  if (button) act(button);
});

// A new question goes to the top of the view, so that its answer is read from the start.
watch("value", () => {
  const turn = element.querySelector(".turn:last-child");
  const state = turn ? turn.id + (turn.querySelector(".waiting") ? " waiting" : "") : "";
  if (turn && state !== newest) {
    turn.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    if (window.matchMedia("(pointer: coarse)").matches) document.activeElement.blur(); // folds the keyboard away
  }
  newest = state;
});

if (element.querySelector(".conversation")) window.addEventListener("popstate", () => follow(location.hash));

// What the page does in the browser. It runs once, in the part through which the page and Python talk:
// `trigger` sends an event to Python; what Python sends back arrives as "experts-mail".
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const SLOW = 30_000; // milliseconds after which the page says that no reply has come
const KEPT = "ask-the-experts.questions"; // in the browser's own storage, once the switch is on
const MOST_KEPT = 30;
let late = 0;

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const log = () => one(".conversation");
const panel = () => one(".panel");

function made(name, text, attributes = {}) {
  const node = document.createElement(name);
  if (text) node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

// ---- asking ----

function showTab(name) {
  const tab = all('#tabs [role="tab"]').find((each) => each.textContent.trim() === name);
  if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
}

function ask(question) {
  if (one(".waiting")) return;
  showTab("Ask");
  const turns = all(".turn");
  const number = turns.length ? Number(turns.at(-1).id.slice(2)) + 1 : 1;
  const history = turns.map((turn) => turn.dataset.question).filter(Boolean).slice(-6);
  const limit = Number(log().dataset.shown);
  const article = made("article", "", { class: "turn", id: `t-${number}` });
  const heading = article.appendChild(made("h2"));
  heading.append(made("span", "You asked: ", { class: "unseen" }));
  heading.append(made("span", question.length > limit ? question.slice(0, limit) + " …" : question, { dir: "auto" }));
  article.append(made("p", "Looking through the experts' answers …", { class: "waiting" }));
  log().append(article);
  toTop(article);
  one("#question").value = "";
  fit();
  remember(question);
  clearTimeout(late);
  late = setTimeout(() => failed("No reply has come", ["Is the program still running? Ask again, or reload the page."]), SLOW);
  trigger("ask", { question, number: String(number), history });
}

// A new question goes to the top of the view, so that its answer is read from the start.
function toTop(article) {
  article.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  if (window.matchMedia("(pointer: coarse)").matches) document.activeElement.blur(); // folds the keyboard away
}

function delivered(turn, sources) {
  clearTimeout(late);
  const waiting = one(`#${turn.id}`);
  if (!waiting || !one(".waiting", waiting)) return; // a new conversation was begun meanwhile
  waiting.replaceWith(turn);
  panel().classList.remove("choosing", "sheet");
  if (sources) panel().append(sources);
  all(".turn").slice(0, -Number(log().dataset.kept)).forEach((old) => old.remove());
  all(".turn-sources", panel()).slice(0, -Number(log().dataset.kept)).forEach((old) => old.remove());
}

function failed(heading, lines) {
  const waiting = one(".waiting");
  if (!waiting) return;
  const message = made("div", "", { class: "answer message" });
  message.append(made("h3", heading), ...lines.map((line) => made("p", line)));
  message.append(made("p", one("#notice .whole").textContent, { class: "disclaimer" }));
  waiting.replaceWith(message);
}

function restart() {
  clearTimeout(late);
  all(".turn, .turn-sources").forEach((part) => part.remove());
  panel().classList.remove("choosing", "sheet");
  showHistory();
  window.scrollTo(0, 0);
  one("#question").focus({ preventScroll: true });
}

// The box grows with its text, up to five lines.
function fit() {
  const box = one("#question");
  box.style.height = "auto";
  box.style.height = Math.min(box.scrollHeight + 2, 150) + "px";
}

// ---- mail from Python ----

document.addEventListener("experts-mail", (event) => {
  const letter = event.detail.firstElementChild;
  if (!letter) return;
  if (letter.matches(".shown")) return previewed(letter);
  const copy = letter.cloneNode(true); // the framework goes on with its own, emptied: no id stands on the page twice
  letter.replaceChildren();
  const turn = one(".turn", copy);
  if (turn) delivered(turn, one(".turn-sources", copy));
  else if (copy.matches(".failed")) failed(one("h3", copy).textContent, all("p:not(.disclaimer)", copy).map((p) => p.textContent));
  else if (copy.matches(".thanked")) {
    const turnNode = document.getElementById(`t-${copy.dataset.turn}`);
    const place = turnNode && one(copy.dataset.place, turnNode);
    if (place) place.textContent = copy.textContent;
  }
});

// ---- sources ----

// A citation opens its source at the quoted words: in the panel's own scroll beside the answer, or laid over it on a phone.
function openSource(id) {
  const mark = document.getElementById(id);
  if (!mark) return;
  const turn = mark.closest(".turn-sources");
  all(".turn-sources.chosen", panel()).forEach((other) => other.classList.remove("chosen"));
  turn.classList.add("chosen");
  panel().classList.add("choosing", "sheet");
  all("mark.open").forEach((other) => other.classList.remove("open"));
  all(`mark[data-number="${mark.dataset.number}"]`, turn).forEach((part) => part.classList.add("open"));
  const scrolls = getComputedStyle(panel()).overflowY !== "visible";
  if (scrolls && panel().scrollHeight > panel().clientHeight + 1) {
    const offset = mark.getBoundingClientRect().top - panel().getBoundingClientRect().top;
    panel().scrollTo({ top: panel().scrollTop + offset - panel().clientHeight / 3, behavior: calm ? "auto" : "smooth" });
  }
  const box = mark.getBoundingClientRect();
  if (box.bottom < 0 || box.top > window.innerHeight || !scrolls) mark.scrollIntoView({ block: "center" });
  mark.focus({ preventScroll: true });
}

function closeSheet() {
  panel().classList.remove("sheet");
}

function returnTo(id) {
  closeSheet();
  const link = document.getElementById(id);
  if (!link) return;
  const folded = link.closest("details:not([open])");
  if (folded) folded.open = true;
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

// ---- keeping ----

function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.select();
  document.execCommand("copy");
  area.remove();
  return Promise.resolve();
}

function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// The conversation as one file that opens offline and prints: every answer, its sources below it, no controls.
function asPage() {
  const body = document.createElement("main");
  body.append(made("h1", document.title));
  for (const turn of all(".turn")) {
    body.append(turn.cloneNode(true));
    const sources = one(`.turn-sources[data-turn="${turn.id.slice(2)}"]`);
    if (sources) body.append(sources.cloneNode(true));
  }
  all(".tools, .related, .note, .others, button, form", body).forEach((part) => part.remove());
  all("details", body).forEach((folded) => (folded.open = true));
  all("[tabindex]", body).forEach((part) => part.removeAttribute("tabindex"));
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${document.title}</title>`;
  return `<!doctype html><html lang="en"><head>${head}<style>${one("#export-style").textContent}</style></head>${body.outerHTML}</html>`;
}

function save(how) {
  one(".menu").open = false;
  if (how === "print") window.print();
  else if (how === "page") download("ask-the-experts.html", "text/html", asPage());
  else {
    const answers = all(".as-markdown").map((kept) => kept.textContent);
    download("ask-the-experts.md", "text/markdown", [`# ${document.title}`, ...answers].join("\n\n"));
  }
}

window.addEventListener("beforeprint", () => all(".rest").forEach((folded) => (folded.open = true)));

// ---- earlier questions: in this browser, only while the switch is on ----

function keptQuestions() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT));
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : null;
  } catch {
    return null; // switched off, or the browser allows no storage
  }
}

function keep(questions) {
  try {
    if (questions) localStorage.setItem(KEPT, JSON.stringify(questions.slice(0, MOST_KEPT)));
    else localStorage.removeItem(KEPT);
  } catch {
    // The browser allows no storage: nothing is kept, and the switch shows it.
  }
}

function remember(question) {
  const kept = keptQuestions();
  if (kept && question.trim()) keep([question, ...kept.filter((other) => other !== question)]);
}

function showHistory() {
  const kept = keptQuestions();
  const place = one(".history");
  one("#keep-history").checked = kept !== null;
  one("h2", place).hidden = one("[data-do='forget']", place).hidden = !(kept && kept.length);
  const buttons = (kept || []).map((question) => {
    const item = made("li");
    item.append(made("button", question.slice(0, 120), { type: "button", class: "ask", "data-ask": question }));
    return item;
  });
  one(".past", place).replaceChildren(...buttons);
}

// ---- adding answers: the page keeps what was chosen, and sends it again with the confirmation ----

let offered = null;

function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, data: reader.result.replace(/^[^,]*,?/, "") });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function adding(words) {
  one("#adding-status").textContent = words;
}

async function offer(form) {
  const files = [...one("#adding-files").files];
  if (files.reduce((sum, file) => sum + file.size, 0) > Number(form.dataset.limit)) {
    return adding("These files are too large for the page; use python ingest.py PATH.");
  }
  adding("Reading …");
  const notes = Object.fromEntries(all("[data-note-field]", form).map((field) => [field.dataset.noteField, field.value]));
  try {
    offered = { files: await Promise.all(files.map(encoded)), text: one("#adding-text").value, notes };
  } catch (error) {
    return adding(`A file could not be read (${error.message}).`);
  }
  trigger("preview", offered);
}

function previewed(letter) {
  adding("");
  one(".adding", letter)?.focus();
  one(".adding", letter)?.scrollIntoView({ block: "nearest" });
}

// ---- clicks, keys, forms ----

function act(button) {
  const tools = button.closest(".tools");
  const data = button.dataset;
  if (data.ask !== undefined) ask(data.ask);
  else if (data.more) trigger("more", { shown: data.more });
  else if (data.note !== undefined) trigger("note", { question: data.note, turn: button.closest(".turn").id.slice(2) });
  else if (data.verdict) {
    all("[data-verdict]", tools).forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    one(".why", tools).hidden = false;
    rate(tools, {});
  } else if (data.save) save(data.save);
  else if (data.do === "restart") restart();
  else if (data.do === "close") returnTo(location.hash.slice(1).replace(/^c-/, "r-"));
  else if (data.do === "leave") button.closest(".adding").remove();
  else if (data.confirm) {
    adding("Taking in …");
    button.disabled = true;
    trigger("confirm", { ...offered, token: data.confirm });
  }
  else if (data.do === "forget") {
    keep([]);
    showHistory();
  } else if (data.do === "copy") {
    copyText(one(".as-markdown", tools).textContent).then(() => (one(".thanks", tools).textContent = "Copied."));
  }
}

function rate(tools, more) {
  const verdict = one("[aria-pressed='true']", tools).dataset.verdict;
  const { turn, key, documents } = tools.dataset;
  trigger("rate", { verdict, turn, answer: key, documents: documents.split(" ").filter(Boolean), ...more });
}

document.addEventListener("click", (event) => {
  if (followLink(event)) return;
  const button = event.target.closest("button");
  if (button && button.closest(".gradio-container")) act(button);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "box") {
    event.preventDefault();
    ask(one("#question").value);
  } else if (form.id === "adding-form") {
    event.preventDefault();
    offer(form);
  } else if (form.matches(".why")) {
    event.preventDefault();
    const tools = form.closest(".tools");
    const comment = one(".reason", form).value;
    rate(tools, one(".include", form).checked ? { comment, question: tools.dataset.asked } : { comment });
    form.hidden = true;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel().matches(".sheet")) returnTo(location.hash.slice(1).replace(/^c-/, "r-"));
  if (event.target.id === "question" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    ask(event.target.value);
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id === "question") fit();
});

document.addEventListener("change", (event) => {
  if (event.target.id !== "keep-history") return;
  keep(event.target.checked ? all(".turn").map((turn) => turn.dataset.question).filter(Boolean).reverse() : null);
  showHistory();
});

window.addEventListener("popstate", () => follow(location.hash));

// The parts of the page are put in place one by one.
new MutationObserver((_, observer) => {
  if (!one(".history")) return;
  observer.disconnect();
  showHistory();
}).observe(document.body, { childList: true, subtree: true });

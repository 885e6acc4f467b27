// The corpora and their articles. Owns which corpus is open, how far its index is, and which articles are asked.
import { all, announce, find, make, notice, refocus } from "./page.js";
import { call, here } from "./server.js";
import { day, number, say } from "./words.js";

const QUICK = 300; // milliseconds between two looks at an index that is being built
const SLOW = 3000; // … and at one that is ready: a file may have been added from elsewhere
const SHOWN_FILES = 100;
const SENT = 20_000_001; // bytes of a file: of one that is too large, enough for the program to say so

let corpora = [];
let state = null;
let listed = [];
let chosen = new Set();
let timer;

const current = () => corpora.find((one) => one.key === here.corpus);
export const isOpen = (key) => corpora.some((one) => one.key === key);
export const answering = () => Boolean(state?.answering);
export const hopeless = () => (state?.phase === "failed" && !state.answering ? state.error || say("failed") : "");

// Wait until questions can be answered, or never will be.
export async function prepared() {
  while (!answering() && !hopeless()) {
    await new Promise((then) => setTimeout(then, QUICK));
  }
}

const called = (corpus) => (corpus.sample ? say("sample") : corpus.own ? say("own") : corpus.name);

export async function begin(wanted) {
  ({ corpora } = await call("start"));
  here.corpus = isOpen(wanted) ? wanted : corpora[0].key;
  drawCorpora();
  await look();
}

function drawCorpora() {
  const options = corpora.map((one) => make("option", { value: one.key, selected: one.key === here.corpus }, called(one)));
  find("#fs-corpus").replaceChildren(...options);
}

export async function change(key) {
  here.corpus = key;
  drawCorpora();
  state = null;
  find("#fs-status").textContent = "";
  listed = [];
  unlimit();
  await look();
  document.dispatchEvent(new Event("fs-corpus"));
}

// Look how far the index is, now and again later.
export async function look() {
  clearTimeout(timer);
  const corpus = here.corpus;
  try {
    const found = await call("state");
    if (corpus !== here.corpus) {
      return;
    }
    const before = state;
    state = found.phase ? found : { ...(state ?? {}), phase: "failed", error: found.error };
    if (before?.generation !== state.generation || before?.articles !== state.articles) {
      await list();
      if (corpus !== here.corpus) {
        return;
      }
    }
    drawState();
    if (state.answering && before?.generation !== state.generation) {
      document.dispatchEvent(new Event("fs-articles"));
    }
  } catch (error) {
    find("#fs-status").textContent = error.message;
  }
  clearTimeout(timer);
  timer = setTimeout(look, atRest() ? SLOW : QUICK);
}

const working = () => ["reading", "encoding", "publishing"].includes(state.phase);
const ready = () => state.files.filter((file) => file.step === "ready").length;
const atRest = () => ["ready", "empty", "failed"].includes(state?.phase);

// In a sentence: what is being done, and for how long still.
export function progress() {
  if (!state) {
    return say("loading");
  }
  const left = state.seconds_left === null ? "" : ` · ${say("left", span(state.seconds_left))}`;
  const many = working() && state.files.length > 1;
  return (many ? say("readyOf", number(ready()), number(state.files.length)) : say(state.phase)) + left;
}

function span(seconds) {
  const minutes = Math.round(seconds / 60);
  return seconds < 90 ? say("seconds", Math.max(5, 5 * Math.round(seconds / 5))) : minutes === 1 ? say("oneMinute") : say("minutes", minutes);
}

function drawState() {
  const refused = state.files?.filter((file) => file.step === "refused").length ?? 0;
  const held = say(state.articles === 1 ? "holdsOne" : "holds", number(state.articles ?? 0), number(state.passages ?? 0));
  const rest = state.phase === "ready" ? [held, refused ? say("refused", refused) : ""] : [progress()];
  const text = state.phase === "failed" ? say("failed") : state.phase === "empty" ? say("holds", 0, 0) : rest.filter(Boolean).join(" · ");
  find("#fs-status").textContent = text;
  find("#fs").dataset.state = state.phase;
  find("#fs-first").textContent = { ready: "", failed: state.error, empty: say("emptyCorpus") }[state.phase] ?? progress();
  // What needs the reader first, what is ready last: it stands among the articles.
  const files = ["refused", "encoding", "reading", "waiting"].flatMap((step) => (state.files ?? []).filter((file) => file.step === step));
  const rows = files.slice(0, SHOWN_FILES).map((file) => {
    const step = say(`step${file.step[0].toUpperCase()}${file.step.slice(1)}`);
    return make("li", { data: { step: file.step } }, make("code", {}, file.id), ` — ${step}${file.reason ? `: ${file.reason}` : ""}`);
  });
  const telling = atRest() ? state.error : [progress(), state.answering ? say("meanwhile") : ""].filter(Boolean).join(" · ");
  const bar = atRest() || !state.files?.length ? "" : make("progress", { value: ready(), max: state.files.length, ariaLabel: progress() });
  find("#fs-work").replaceChildren(telling ? make("p", {}, telling) : "", bar, rows.length ? make("ul", {}, ...rows) : "");
}

async function list() {
  listed = state.answering ? (await call("articles")).articles : [];
  chosen = new Set([...chosen].filter((id) => listed.some((one) => one.id === id)));
  const folders = [...new Set(listed.flatMap((one) => parents(one.folder)))].sort();
  const folder = find("#fs-folder").value;
  find("#fs-folder").replaceChildren(make("option", { value: "" }, say("any")), ...folders.map((one) => make("option", { value: one }, one)));
  find("#fs-folder").value = folders.includes(folder) ? folder : "";
  drawList();
}

const parents = (folder) => (folder ? folder.split("/").map((_, i, parts) => parts.slice(0, i + 1).join("/")) : []);

// What is asked: the articles that are chosen, else those that the limits let through.
export function filter() {
  const folder = find("#fs-folder").value;
  return {
    articles: [...chosen],
    folders: folder ? [folder] : [],
    since: find("#fs-since").value || null,
    until: find("#fs-until").value || null,
    language: find("#fs-only").value || null,
  };
}

function passes(article, limits) {
  return (
    (!limits.folders.length || `${article.folder}/`.startsWith(`${limits.folders[0]}/`)) &&
    (!limits.since || (article.published && article.published >= limits.since)) &&
    (!limits.until || (article.published && article.published <= limits.until)) &&
    (!limits.language || article.language === limits.language)
  );
}

export function drawList() {
  const limits = filter();
  const sought = find("#fs-find").value.trim().toLocaleLowerCase();
  const let_through = listed.filter((one) => passes(one, limits));
  const rows = let_through.filter((one) => `${one.title} ${one.id}`.toLocaleLowerCase().includes(sought));
  find("#fs-list").replaceChildren(...rows.map(row));
  drawLimits(let_through);
}

function drawLimits(let_through) {
  const asked = chosen.size ? let_through.filter((one) => chosen.has(one.id)).length : let_through.length;
  find("#fs-count").textContent = say("listed", number(asked), number(listed.length));
  const told = limited();
  const off = make("button", { type: "button", className: "fs-plain", data: { do: "unlimit" } }, say("filterClear"));
  find("#fs-filter").hidden = !told;
  find("#fs-filter").replaceChildren(...(told ? [make("span", {}, `${say("onlyIn")}: ${told}`), " ", off] : []));
}

// The limits in words, "" where all articles are asked.
function limited() {
  const limits = filter();
  const titles = listed.filter((one) => chosen.has(one.id)).map((one) => one.title);
  const parts = [
    titles.length > 1 ? say("articlesChosen", titles.length) : titles[0],
    limits.folders[0],
    limits.since && say("sinceDate", day(limits.since)),
    limits.until && say("untilDate", day(limits.until)),
    limits.language && say(limits.language === "de" ? "german" : "english"),
  ];
  return parts.filter(Boolean).join(" · ");
}

function row(article) {
  const box = make("input", { type: "checkbox", checked: chosen.has(article.id), ariaLabel: `${say("onlyThis")}: ${article.title}` });
  box.onchange = () => {
    chosen[box.checked ? "add" : "delete"](article.id);
    drawLimits(listed.filter((one) => passes(one, filter())));
  };
  const date = article.published ? day(article.published) + (article.dated === "file" ? ` (${say("dateOfFile")})` : "") : say("undated");
  const facts = [article.id, article.author, date, say(article.language === "de" ? "german" : "english")].filter(Boolean).join(" · ");
  const open = make("button", { type: "button", className: "fs-link", data: { place: JSON.stringify([article.id, 0, 0, [], ""]) } }, article.title);
  const remove = make("button", { type: "button", className: "fs-plain", ariaLabel: `${say("remove")}: ${article.title}` }, say("remove"));
  remove.onclick = () => takeOut(article);
  remove.hidden = !current()?.writable;
  return make("li", {}, box, make("div", {}, open, make("span", { className: "fs-note" }, facts)), remove);
}

export function unlimit() {
  chosen.clear();
  find("#fs-limits").reset();
  drawList();
}

async function takeOut(article) {
  try {
    await call("remove", { name: article.id });
    listed = listed.filter((one) => one.id !== article.id);
    chosen.delete(article.id);
    drawList();
    refocus();
    const undo = make("button", { type: "button", className: "fs-plain" }, say("undo"));
    undo.onclick = () => call("restore", { name: article.id }).then(look, (error) => notice(error.message));
    notice(say("removed", article.title), undo);
  } catch (error) {
    notice(error.message);
  }
  look();
}

export async function reread() {
  await call("reread").catch((error) => notice(error.message));
  look();
}

const base64 = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });

// Add files, one after the other; each is named with what became of it.
export async function add(files) {
  const told = [];
  let corpus = null;
  for (const file of files) {
    try {
      const reply = await call("add", { name: file.name, data: file.size ? await base64(file.slice(0, SENT)) : "" });
      corpus = reply.corpus;
      told.push(say("added", file.name));
    } catch (error) {
      told.push(say("notAdded", file.name, error.message));
    }
  }
  if (corpus && !isOpen(corpus.key)) {
    corpora.push(corpus);
  }
  if (corpus && corpus.key !== here.corpus) {
    await change(corpus.key);
  }
  notice(told.join(" "));
  look();
}

export const dropName = () => (current()?.writable ? called(current()) : say("own"));

document.addEventListener("fs-language", () => {
  const languages = [["", say("any")], ["de", say("german")], ["en", say("english")]];
  const kept = find("#fs-only").value;
  find("#fs-only").replaceChildren(...languages.map(([value, text]) => make("option", { value }, text)));
  find("#fs-only").value = kept;
  if (corpora.length) {
    drawCorpora();
  }
  if (state) {
    list().then(drawState);
  }
});

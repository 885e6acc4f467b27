// The source beside the conversation. Owns opening a place, stepping through hits, and the bar that shows where they lie.
import { all, announce, find, made, make, notice } from "./page.js";
import { canGoBack, go, where } from "./place.js";
import { call, here } from "./server.js";
import { copyLink } from "./taking.js";
import { say } from "./words.js";

const narrow = matchMedia("(max-width: 860px)");
let opener = null;
let latest = 0; // the latest wish to open something: an earlier one that comes late is dropped

const panel = () => find("#fs-panel");
export const shown = () => find(".fs-source")?.dataset.place ?? "";

// The article of a place; "" for what is none, which the program refuses.
function articleOf(key) {
  try {
    return JSON.parse(key)[0];
  } catch {
    return "";
  }
}

// Every place that the conversation cites, each once, in its order.
export function cited(within = find("#fs-turns")) {
  return [...new Set(all(".fs-cite[data-place]", within).map((button) => button.dataset.place))];
}

// Show a source that came with an answer, without leaving the answer.
export function present(html, said) {
  latest += 1;
  if (!html) {
    return;
  }
  fill(html);
  opener = find(".fs-cite", said);
  if (!narrow.matches) {
    go({ ...where(), source: shown(), link: null });
    reveal();
  }
}

// Open a place. `step` says whether the browser's back button leads back from it, `quietly` that the reader stays
// where they are.
export async function open(key, { from = null, step = true, focus = true, quietly = false } = {}) {
  const wish = (latest += 1);
  try {
    const others = cited().filter((other) => other !== key && articleOf(other) === articleOf(key));
    const { html } = await call("source", { place: key, others });
    if (wish !== latest) {
      return;
    }
    opener = from ?? opener;
    fill(html);
    if (step) {
      go({ ...where(), source: key, link: null });
    }
    if (!quietly) {
      enter(focus);
    }
  } catch (error) {
    notice(error.message);
  }
}

// Open the paragraph that a permalink names.
export async function follow(link) {
  const wish = (latest += 1);
  const [corpus, ...rest] = link.split("/");
  try {
    const reply = await call("locate", { corpus, link: rest.join("/") });
    if (wish !== latest) {
      return;
    }
    fill(reply.html);
    enter(true);
    if (say(`found_${reply.found}`)) {
      notice(say(`found_${reply.found}`));
    }
  } catch (error) {
    panel().replaceChildren(make("p", { className: "fs-error" }, error.message));
    enter(false);
  }
}

function fill(html) {
  const inside = panel().contains(document.activeElement);
  panel().replaceChildren(made(html));
  if (inside) {
    find("h2", panel())?.focus({ preventScroll: true }); // what had the focus is gone
  }
  const corpus = here.corpus;
  for (const number of all("a[data-link]", panel())) {
    number.href = `#${new URLSearchParams({ at: `${corpus}/${number.dataset.link}` })}`;
  }
  mark();
  requestAnimationFrame(map);
}

function enter(focus) {
  find("#fs").dataset.reading = "yes"; // on a narrow screen the source lies over the conversation
  reveal();
  if (focus) {
    find("h2", panel())?.focus({ preventScroll: true });
  }
  announce(find("h2", panel())?.textContent ?? "");
}

// Scroll the passage to just under the header that stays above it.
function reveal() {
  const first = find("mark:not(.fs-other)", panel());
  const top = first ? offset(first) - (find("header", panel())?.offsetHeight ?? 0) - 40 : 0;
  panel().scrollTop = top;
}

const offset = (element) => element.getBoundingClientRect().top - panel().getBoundingClientRect().top + panel().scrollTop;

// Tell which citation the panel shows, and its place among the hits of its answer.
export function mark() {
  const place = shown();
  for (const button of all("#fs-turns [data-place]")) {
    button.setAttribute("aria-current", String(button.dataset.place === place));
  }
  const hits = neighbours();
  const position = hits.indexOf(place);
  find("#fs-position").textContent = position < 0 ? "" : say("position", position + 1, hits.length);
  for (const way of ["previous", "next"]) {
    find(`[data-do=${way}]`).disabled = hits.length < 2 && position >= 0 ? true : !hits.length;
  }
}

// The hits of the answer that the source was opened from; those of the latest one where that cannot be told.
function neighbours() {
  const turns = all("#fs-turns > li");
  const own = opener?.closest("#fs-turns > li");
  const turn = own && cited(own).includes(shown()) ? own : turns.findLast((one) => cited(one).includes(shown()));
  return cited(turn ?? turns.at(-1) ?? undefined);
}

export function step(by) {
  const hits = neighbours();
  if (hits.length) {
    const position = hits.indexOf(shown());
    open(hits.at((position < 0 && by < 0 ? hits.length - 1 : position + by) % hits.length), { focus: false });
  }
}

// A slim bar as high as the article: where the hits lie in it.
function map() {
  const height = panel().scrollHeight || 1;
  const seen = new Set();
  const ticks = [];
  for (const marked of all("mark", panel())) {
    const paragraph = marked.closest(".fs-paragraph") ?? marked.parentElement;
    const other = marked.classList.contains("fs-other");
    if (!seen.has(paragraph)) {
      seen.add(paragraph);
      const number = find(".fs-number", paragraph)?.textContent ?? "";
      const tick = make("button", { type: "button", ariaLabel: say("mapHit", number), title: say("mapHit", number) });
      tick.className = other ? "fs-tick fs-other" : "fs-tick";
      tick.style.top = `${(100 * offset(paragraph)) / height}%`;
      tick.style.height = `${(100 * paragraph.offsetHeight) / height}%`;
      tick.onclick = () => (panel().scrollTop = offset(paragraph) - (find("header", panel())?.offsetHeight ?? 0) - 24);
      ticks.push(tick);
    }
  }
  find("#fs-map").replaceChildren(...ticks);
}

new ResizeObserver(() => find("#fs-panel .fs-source") && map()).observe(document.documentElement);

// Back to the answer: the browser's own step back where the source was a step.
export function back() {
  if (canGoBack() && where().source) {
    history.back();
  } else {
    leave();
  }
}

// Show the conversation again, at the citation that was pressed.
export function leave() {
  if (!find("#fs").dataset.reading) {
    return;
  }
  find("#fs").dataset.reading = "";
  opener?.scrollIntoView({ block: "center" });
  opener?.focus({ preventScroll: true });
}

export function clear() {
  latest += 1;
  opener = null;
  const lead = make("p", { className: "fs-lead", data: { word: "empty" } }, say("empty"));
  const how = make("p", { data: { word: "emptyHow" } }, say("emptyHow"));
  panel().replaceChildren(make("div", { className: "fs-empty" }, lead, how));
  find("#fs-map").replaceChildren();
  find("#fs").dataset.reading = "";
  mark();
}

export const isOver = () => narrow.matches && Boolean(find("#fs").dataset.reading);

// A paragraph's number is a link to it: pressed, it goes to the address line and the clipboard.
export function link(number) {
  go({ ...where(), source: null, link: `${here.corpus}/${number.dataset.link}` });
  copyLink(number.dataset.link);
}

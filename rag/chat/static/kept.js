// The window of kept conversations. Owns its list; keeping is store.js's.
import * as conversation from "./conversation.js";
import { find, make, refocus } from "./page.js";
import * as store from "./store.js";
import { moment, say } from "./words.js";

// Draw those in which every word that is sought stands, in a question or an answer.
export async function draw() {
  const sought = find("#fs-search").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const kept = await store.list().catch(() => []);
  const found = kept.filter((one) => {
    const text = one.turns.map((turn) => `${turn.question} ${quotes(turn)}`).join(" ").toLocaleLowerCase();
    return sought.every((word) => text.includes(word));
  });
  find("#fs-kept").replaceChildren(...found.map(row));
  if (!found.length) {
    find("#fs-kept").append(make("li", { className: "fs-note" }, say(kept.length ? "noneFound" : "noneKept")));
  }
}

function quotes(turn) {
  return turn.answer ? JSON.parse(turn.answer).statements.map((one) => one.text).join(" ") : "";
}

function row(one) {
  const count = one.turns.length === 1 ? say("oneQuestion") : say("questions", one.turns.length);
  const open = make("button", { type: "button", className: "fs-link", data: { conversation: one.id } }, conversation.title(one));
  const forget = make("button", { type: "button", className: "fs-plain", ariaLabel: `${say("forget")}: ${one.title}` }, say("forget"));
  forget.onclick = async () => {
    await store.forget(one.id);
    document.dispatchEvent(new CustomEvent("fs-forgotten", { detail: one.id }));
    await draw();
    refocus();
  };
  const facts = `${count} · ${one.corpusName} · ${moment(one.updated)}`;
  return make("li", {}, make("div", {}, open, make("span", { className: "fs-note" }, facts)), forget);
}

export async function forgetAll() {
  if (confirm(say("forgetSure"))) {
    await store.forgetAll();
    document.dispatchEvent(new CustomEvent("fs-forgotten", { detail: "" }));
    await draw();
  }
}

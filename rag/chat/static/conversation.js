// The conversation on the page: its turns, and that they are kept. Owns what is kept of a turn; drawing is talk.js's.
import { go, where } from "./place.js";
import { here } from "./server.js";
import * as store from "./store.js";
import { say } from "./words.js";

let now = fresh();

// Unique enough; crypto.randomUUID is missing where the page comes over plain HTTP from another machine.
const unique = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("");

function fresh() {
  return { id: "", title: "", corpus: "", corpusName: "", updated: "", turns: [] };
}

export const turns = () => now.turns;
export const current = () => now;
export const turn = (id) => now.turns.find((one) => one.id === id);

// A question that is to be asked. `instead` is the turn whose place it takes.
export function newTurn(question, filter, followUps, instead) {
  return { id: instead?.id ?? unique(), question, asked: new Date().toISOString(), answer: "", filter, followUps };
}

// The questions before a turn, or all of them, oldest first.
export function before(id) {
  const position = now.turns.findIndex((one) => one.id === id);
  return now.turns.slice(0, position < 0 ? now.turns.length : position).map((one) => one.question);
}

// Make sure that there is a conversation to put a question into: the address then leads to it.
export function begin(question) {
  if (!now.id) {
    now = { ...fresh(), id: unique(), title: question };
    go({ ...where(), conversation: now.id, link: null }, { quietly: true });
  }
}

// Keep a turn, with its answer once it has one; what another tab has added meanwhile stays.
export async function keep(turn) {
  // Not earlier, and perhaps not yet: the first question may come before the page knows its corpora.
  const corpusName = document.querySelector("#fs-corpus").selectedOptions[0]?.textContent ?? "";
  now = now.corpus ? now : { ...now, corpus: here.corpus, corpusName };
  const put = (kept) => {
    const position = kept.turns.findIndex((one) => one.id === turn.id);
    kept.turns.splice(position < 0 ? kept.turns.length : position, position < 0 ? 0 : 1, turn);
    return { ...kept, corpus: now.corpus, corpusName: now.corpusName, updated: new Date().toISOString() };
  };
  const id = now.id;
  put(now);
  try {
    await store.update(id, { ...now, turns: [...now.turns] }, put);
  } catch {
    // A browser that keeps nothing (a private window, a full disk) can still ask.
  }
}

// Take up a kept conversation, an empty one where it is not kept; unless it is not wanted any more once it is here.
export async function open(id, wanted = () => true) {
  const kept = (id && (await store.load(id).catch(() => null))) || fresh();
  if (wanted()) {
    now = kept;
  }
  return now;
}

export const title = (kept) => kept.title || say("untitled");

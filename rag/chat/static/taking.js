// Taking away: a quote with its citation, a link, the whole conversation. Owns the clipboard and downloads.
import * as conversation from "./conversation.js";
import { announce, find, make, notice } from "./page.js";
import { permalink } from "./place.js";
import { call, here } from "./server.js";
import { turnOf } from "./talk.js";
import { say } from "./words.js";

const base = () => `${location.origin}${location.pathname}`;

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice(say("copied"));
  } catch {
    // Over plain HTTP from another machine the browser offers no clipboard: the reader copies by hand.
    notice(say("notCopied"), make("textarea", { readOnly: true, rows: 3, value: text, ariaLabel: say("question") }));
  }
}

export async function copy(button) {
  const answer = JSON.parse(turnOf(button).answer);
  const [kind, position] = [button.dataset.ref[0], Number(button.dataset.ref.slice(1))];
  const { citation } = (kind === "s" ? answer.statements : answer.hits)[position];
  try {
    const { text } = await call("copy", { citation, form: button.dataset.copy, base: base() });
    await toClipboard(text);
    button.closest("details").open = false;
    find("summary", button.closest("details")).focus();
  } catch (error) {
    notice(error.message);
  }
}

// The link of a paragraph, for the address line and the clipboard.
export const copyLink = (link) => toClipboard(permalink(here.corpus, link));

export async function save(form) {
  const { title, turns } = conversation.current();
  const told = turns.filter((turn) => turn.answer).map(({ question, answer, asked }) => ({ question, answer, asked }));
  try {
    const { name, text } = await call("export", { title: title || say("untitled"), turns: told, form, base: base() });
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    announce(name);
  } catch (error) {
    notice(error.message);
  }
}

// The keyboard. Owns which key does what, and the list of them.
import { find, make } from "./page.js";
import { say } from "./words.js";

const SHORTCUTS = [
  ["Enter", "keyAsk"],
  ["Shift+Enter", "keyLine"],
  ["/", "keyBox"],
  ["Esc", "keyStop"],
  ["Alt+↓ Alt+↑", "keyHits"],
  ["Alt+A", "keyArticles"],
  ["Alt+C", "keyConversations"],
  ["Alt+N", "keyNew"],
  ["Alt+L", "keyLanguage"],
  ["Alt+P", "keyPrint"],
  ["?", "keyHelp"],
];
const ALT = { ArrowDown: "next", ArrowUp: "previous", KeyA: "articles", KeyC: "conversations", KeyN: "new", KeyL: "language", KeyP: "print" };

export function draw() {
  const rows = SHORTCUTS.map(([keys, word]) => {
    const shown = keys.split(" ").flatMap((key, i) => [i ? " " : "", make("kbd", {}, key)]);
    return make("tr", {}, make("th", { scope: "row" }, ...shown), make("td", {}, say(word)));
  });
  find("#fs-keys").replaceChildren(...rows);
}

// The name of what a key press asks for, "" for none. Letters alone do something only where nothing is being typed.
export function wish(event) {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    return ALT[event.code] ?? "";
  }
  if (event.ctrlKey || event.metaKey) {
    return "";
  }
  if (event.key === "Escape") {
    return "escape";
  }
  return typing ? "" : ({ "/": "box", "?": "help" }[event.key] ?? "");
}

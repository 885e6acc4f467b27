// Small things that every part of the page does: find, make, announce.
export const find = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// An element with properties and children; text is never read as HTML.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (name in element) {
      element[name] = value;
    } else {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== ""));
  return element;
}

// HTML that the program made, in which text from articles is text.
export function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// Say something to those who do not see the page change; `also` shows it, too, for a while.
export function announce(text) {
  const live = find("#fs-live");
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = text));
}

let timer;
export function notice(text, button = "") {
  announce(text);
  find("#fs-notice")?.remove();
  const note = make("p", { id: "fs-notice", className: "fs-notice" }, text, " ", button);
  (find("dialog[open]") ?? find("#fs")).append(note);
  clearTimeout(timer);
  timer = setTimeout(() => note.remove(), button ? 15000 : 5000);
}

// Take back what was said last: it is over, or in a language that the page speaks no longer.
export function hush() {
  find("#fs-live").textContent = "";
  find("#fs-notice")?.remove();
}

// Give the focus a place where what had it is gone: the window that is open, else the conversation.
export const refocus = () => (find("dialog[open] .fs-title button") ?? find("#fs-stream")).focus({ preventScroll: true });

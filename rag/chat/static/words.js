// What the page says, in English or German: words.json holds it. Owns the language of the page.
const KEPT = "fundstelle language";
let table = {};
let spoken = "en";

export const language = () => spoken;

// The words under a key, with {0}, {1} … filled in.
export function say(key, ...values) {
  return (table[spoken]?.[key] ?? "").replace(/\{(\d)\}/g, (_, i) => values[i] ?? "");
}

export const number = (value) => value.toLocaleString(spoken === "de" ? "de-DE" : "en-GB");

// Made once: a list of a thousand articles writes a thousand days at every key.
const DAY = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
const DAYS = { de: new Intl.DateTimeFormat("de-DE", DAY), en: new Intl.DateTimeFormat("en-GB", DAY) };

export const day = (iso) => (iso ? DAYS[spoken].format(new Date(`${iso}T00:00:00Z`)) : "");

export const moment = (iso) =>
  new Date(iso).toLocaleString(spoken === "de" ? "de-DE" : "en-GB", { dateStyle: "medium", timeStyle: "short" });

// Speak a language from now on: all that stands on the page already is said again.
export function speak(chosen) {
  spoken = chosen === "de" ? "de" : "en";
  localStorage.setItem(KEPT, spoken);
  document.documentElement.lang = spoken;
  for (const [attribute, key] of [["textContent", "word"], ["ariaLabel", "label"], ["placeholder", "hint"]]) {
    for (const element of document.querySelectorAll(`#fs [data-${key}]`)) {
      element[attribute] = say(element.dataset[key]);
    }
  }
  document.dispatchEvent(new Event("fs-language"));
}

// The language chosen last in this browser, else the first of the browser's own that is spoken here.
export async function begin() {
  table = await (await fetch(new URL("words.json", import.meta.url))).json();
  const own = navigator.languages.map((one) => one.slice(0, 2)).find((one) => one in table);
  speak(localStorage.getItem(KEPT) ?? own ?? "en");
}

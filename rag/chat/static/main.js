// Brings the parts of the page together. Owns what a click, a key, a drop and a step back do; how is the parts' business.
import * as articles from "./articles.js";
import * as conversation from "./conversation.js";
import * as evidence from "./evidence.js";
import * as kept from "./kept.js";
import * as keys from "./keys.js";
import { all, find, hush, make, refocus } from "./page.js";
import { go, where } from "./place.js";
import { call, connect, here } from "./server.js";
import * as store from "./store.js";
import * as taking from "./taking.js";
import * as talk from "./talk.js";
import * as words from "./words.js";

const box = () => find("#fs-question");

const DO = {
  stop: talk.stop,
  back: evidence.back,
  previous: () => evidence.step(-1),
  next: () => evidence.step(1),
  new: startAnew,
  language: () => words.speak(words.language() === "de" ? "en" : "de"),
  reread: articles.reread,
  unlimit: () => {
    articles.unlimit();
    refocus();
  },
  forget: kept.forgetAll,
  print: () => {
    all("dialog[open]").forEach((open) => open.close());
    print();
  },
  edit: talk.edit,
  alone: talk.alone,
  judge: talk.judge,
  articles: () => openWindow("fs-articles"),
  conversations: () => openWindow("fs-conversations"),
  help: () => openWindow("fs-help"),
  box: () => box().focus(),
  escape: () => (talk.isRunning() ? talk.stop() : evidence.isOver() && evidence.back()),
};

function openWindow(id) {
  all("dialog[open]").forEach((open) => open.close());
  if (id === "fs-conversations") {
    kept.draw();
  }
  find(`#${id}`).showModal();
}

async function startAnew() {
  talk.stop();
  await show({ conversation: null, source: null, link: null });
  go({});
  evidence.clear();
  box().focus();
}

// Show what the address says.
async function show({ conversation: id, source, link }) {
  if ((id ?? "") !== conversation.current().id) {
    const opened = await conversation.open(id);
    if (opened.corpus && articles.isOpen(opened.corpus)) {
      find("#fs-corpus").value = opened.corpus;
      await articles.change(opened.corpus);
    }
    await talk.redraw();
  }
  const corpus = link?.split("/")[0];
  if (corpus && corpus !== here.corpus && articles.isOpen(corpus)) {
    await articles.change(corpus);
  }
  if (link || source) {
    await articles.prepared();
  }
  if (link) {
    await evidence.follow(link);
  } else if (source && source !== evidence.shown()) {
    await evidence.open(source, { step: false });
  } else if (!source) {
    evidence.leave();
  }
}

async function examples() {
  const { questions } = await call("suggest").catch(() => ({ questions: [] }));
  const made = questions.map((text) => make("li", {}, make("button", { type: "button", data: { ask: text } }, text)));
  const list = find("#fs-examples");
  const focused = [...list.children].findIndex((one) => one.contains(document.activeElement));
  list.replaceChildren(...made);
  if (focused >= 0) {
    const same = made[focused] ?? made.at(-1);
    same ? find("button", same).focus({ preventScroll: true }) : refocus();
  }
}

function onClick(event) {
  const pressed = event.target.closest("#fs :is(button, a[data-link])");
  if (!pressed) {
    return;
  }
  const { place, copy, open, ask, link } = pressed.dataset;
  if (place) {
    pressed.closest("dialog")?.close();
    evidence.open(place, { from: pressed.closest("dialog") ? null : pressed });
  } else if (copy) {
    taking.copy(pressed);
  } else if (open) {
    openWindow(open);
  } else if (ask) {
    talk.ask(ask);
  } else if (link) {
    event.preventDefault();
    evidence.link(pressed);
  } else if (pressed.dataset.export) {
    taking.save(pressed.dataset.export);
  } else if (pressed.dataset.conversation) {
    find("#fs-conversations").close();
    go({ conversation: pressed.dataset.conversation });
    show(where());
  } else {
    DO[pressed.dataset.do]?.(pressed);
  }
}

function onKey(event) {
  const wish = keys.wish(event);
  if (!wish || (wish === "escape" && find("dialog[open]"))) {
    return;
  }
  if (wish !== "escape") {
    event.preventDefault();
  }
  DO[wish]();
}

function listenToBox() {
  const grow = () => {
    box().style.height = "auto";
    box().style.height = `${Math.min(box().scrollHeight, 160)}px`;
  };
  box().addEventListener("input", grow);
  box().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      find("#fs-form").requestSubmit();
    }
  });
  document.addEventListener("fs-language", grow); // the hint may need a second line on a narrow screen
  grow();
  find("#fs-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box().value;
    if (question.trim() && !talk.isRunning()) {
      box().value = "";
      grow();
      talk.ask(question);
    }
  });
}

function listenToDrops() {
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const welcome = (event) => {
    if (holdsFiles(event)) {
      event.preventDefault();
      find("#fs").dataset.dropping = words.say("dropping", articles.dropName());
    }
  };
  // Where what lies under the pointer is drawn anew, the browser asks with dragenter alone whether it may be dropped.
  document.addEventListener("dragenter", welcome);
  document.addEventListener("dragover", welcome);
  document.addEventListener("dragleave", (event) => !event.relatedTarget && delete find("#fs").dataset.dropping);
  document.addEventListener("drop", (event) => {
    delete find("#fs").dataset.dropping;
    if (holdsFiles(event)) {
      event.preventDefault();
      articles.add([...event.dataTransfer.files]);
    }
  });
  find("#fs-files").addEventListener("change", async (event) => {
    await articles.add([...event.target.files]);
    event.target.value = "";
  });
}

function listen() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  listenToBox();
  listenToDrops();
  find("#fs-corpus").addEventListener("change", async (event) => {
    const key = event.target.value;
    await startAnew();
    await articles.change(key);
  });
  find("#fs-limits").addEventListener("input", articles.drawList);
  find("#fs-limits").addEventListener("submit", (event) => event.preventDefault());
  find("#fs-search").addEventListener("input", kept.draw);
  addEventListener("popstate", () => show(where()));
  document.addEventListener("fs-answered", evidence.mark);
  document.addEventListener("fs-articles", examples);
  document.addEventListener("fs-corpus", examples);
  document.addEventListener("fs-forgotten", ({ detail }) => {
    if (!detail || detail === conversation.current().id) {
      startAnew();
    }
  });
  store.onChange(takeUp);
  document.addEventListener("fs-rest", () => missed && takeUp());
}

let missed = false; // whether another tab changed something while this one waited for an answer

async function takeUp() {
  const { id } = conversation.current();
  missed = !talk.isAtRest();
  if (id && !missed) {
    await conversation.open(id, talk.isAtRest);
    missed = !talk.isAtRest(); // a question was asked meanwhile
    if (!missed) {
      await talk.redraw();
    }
  }
  if (find("#fs-conversations").open) {
    kept.draw();
  }
}

function inAnotherLanguage() {
  keys.draw();
  hush();
  find("#fs-language").textContent = words.say("other");
  find("#fs-language").ariaLabel = words.say("otherLabel");
  find("#fs-language").lang = words.language() === "de" ? "en" : "de";
}

// Called by the page once its markup is there, with the functions of the program.
export async function start(server) {
  connect(server);
  document.addEventListener("fs-language", inAnotherLanguage);
  await words.begin();
  listen();
  find("#fs").dataset.state = "loading"; // from now on it is seen
  try {
    await articles.begin(where().link?.split("/")[0]);
  } catch (error) {
    find("#fs-first").textContent = error.message;
    return;
  }
  document.addEventListener("fs-language", async () => {
    const inside = document.activeElement.closest("#fs-turns, #fs-examples, #fs-kept");
    examples();
    kept.draw();
    await talk.redraw();
    if (inside) {
      refocus();
    }
    if (evidence.shown()) {
      await evidence.open(evidence.shown(), { step: false, quietly: true });
    }
  });
  await show(where()); // a question may have been asked meanwhile
  box().focus();
  if (new URLSearchParams(location.search).get("view") === "api") {
    // Gradio's page of the API does not come by its address alone; its button calls it off, and then up.
    find("footer .show-api").click();
    find("footer .show-api").click();
  }
}

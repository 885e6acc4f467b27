// Questions and answers on the page. Owns asking, stopping, asking again, and what is drawn of a turn.
import * as articles from "./articles.js";
import * as conversation from "./conversation.js";
import * as evidence from "./evidence.js";
import { all, announce, find, made, make, notice, refocus } from "./page.js";
import { call } from "./server.js";
import { say } from "./words.js";

let running = null; // the turn that is being answered: { turn, stopped }

let keeping = 0; // how many turns are on their way to where they are kept

export const isRunning = () => running !== null;
export const isAtRest = () => !running && !keeping;

// Ask, and show the answer where it belongs. `alone` leaves the questions before it out of account.
export async function ask(question, { instead = null, alone = false } = {}) {
  if (!question.trim() || running) {
    return;
  }
  const followUps = find("#fs-follow-ups").checked && !alone;
  conversation.begin(question);
  const turn = conversation.newTurn(question, articles.filter(), followUps, instead);
  const job = (running = { turn, stopped: false });
  const said = draw(turn);
  if (document.activeElement !== find("#fs-question")) {
    refocus(); // the button that asked goes away
  }
  busy(true);
  scrollTo(turn);
  keep(turn); // whoever leaves before the answer finds the question again
  try {
    await ready(job, said);
    if (!job.stopped) {
      said.replaceChildren(note(say("searching")));
      const reply = await call("ask", {
        question,
        earlier: conversation.before(turn.id),
        follow_ups: followUps,
        filter: turn.filter,
        others: evidence.cited(),
      });
      if (!job.stopped) {
        answered(turn, said, reply);
      }
    }
  } catch (error) {
    if (!job.stopped) {
      turn.failure = error.message;
      said.replaceChildren(failure(turn.failure));
      announce(turn.failure);
    }
  }
  // The next question may come as soon as the answer is seen; keeping it takes its time.
  if (running === job) {
    running = null;
    busy(false);
    await keep(turn);
    if (turn.answer) {
      following(turn, said);
    }
  }
}

// Keep a turn, then tell that other tabs' changes can be taken up again.
async function keep(turn) {
  keeping += 1;
  await conversation.keep(turn);
  keeping -= 1;
  if (isAtRest()) {
    document.dispatchEvent(new Event("fs-rest"));
  }
}

function answered(turn, said, reply) {
  turn.answer = reply.answer;
  said.replaceChildren(made(reply.html));
  evidence.present(reply.source, said);
  document.dispatchEvent(new Event("fs-answered"));
  const first = find(".fs-quote p, .fs-sure summary", said);
  announce(say("answered", `${find(".fs-sure summary", said)?.textContent ?? ""} ${first?.textContent ?? ""}`));
  scrollTo(turn);
}

// Wait until the corpus can answer, telling meanwhile how far it is.
async function ready(job, said) {
  while (!job.stopped && !articles.answering()) {
    if (articles.hopeless()) {
      throw new Error(articles.hopeless());
    }
    said.replaceChildren(note(articles.progress()));
    await new Promise((then) => setTimeout(then, 200));
  }
}

export function stop() {
  if (!running) {
    return;
  }
  const { turn } = running;
  turn.stopped = running.stopped = true;
  running = null;
  said(turn).replaceChildren(note(say("stopped")));
  announce(say("stopped"));
  busy(false);
  keep(turn);
}

function busy(is) {
  find("#fs-send").hidden = is;
  find("#fs-stop").hidden = !is;
  find("#fs-turns").setAttribute("aria-busy", String(is));
}

const element = (turn) => find(`#fs-turns > [data-turn="${turn.id}"]`);
const said = (turn) => find(".fs-said", element(turn));
export const turnOf = (inside) => conversation.turn(inside.closest("[data-turn]")?.dataset.turn);

// Draw a turn without its answer, in the place of one that is drawn already; return where its answer goes.
function draw(turn) {
  const drawn = make(
    "li",
    { className: "fs-turn", data: { turn: turn.id } },
    make("h2", { className: "fs-unseen" }, say("asked")),
    make(
      "div",
      { className: "fs-asked" },
      make("p", { className: "fs-question", dir: "auto" }, turn.question),
      make("button", { type: "button", className: "fs-plain", data: { do: "edit" } }, say("edit")),
    ),
    make("div", { className: "fs-said" }),
  );
  const old = element(turn);
  if (old) {
    old.replaceWith(drawn);
  } else {
    find("#fs-turns").append(drawn);
  }
  find("#fs").dataset.talking = "yes";
  find("#fs-take").hidden = false;
  return find(".fs-said", drawn);
}

// The word for a turn without a failure; another tab may be waiting for its answer, or the page was left before it came.
const standing = (turn) => (turn.answer ? say("searching") : turn.stopped ? say("stopped") : say("unanswered"));
const note = (text) => make("p", { className: "fs-note fs-waiting" }, text);
const failure = (text) => make("p", { className: "fs-error" }, text);

function scrollTo(turn) {
  const stream = find("#fs-stream");
  stream.scrollTop += element(turn).getBoundingClientRect().top - stream.getBoundingClientRect().top - 12;
}

// Draw the whole conversation anew: after a reload, in another language, from another tab.
export async function redraw() {
  find("#fs-turns").replaceChildren();
  const turns = conversation.turns();
  find("#fs").dataset.talking = turns.length ? "yes" : "";
  find("#fs-take").hidden = !turns.length;
  for (const turn of turns) {
    draw(turn).replaceChildren(turn.failure ? failure(turn.failure) : note(standing(turn)));
  }
  const told = turns.filter((turn) => turn.answer);
  if (!told.length) {
    return;
  }
  try {
    if (!articles.isOpen(conversation.current().corpus)) {
      throw new Error(say("otherCorpus", conversation.current().corpusName));
    }
    await articles.prepared();
    const { html } = await call("tell", { answers: told.map((turn) => turn.answer) });
    told.forEach((turn, i) => {
      const place = element(turn) && said(turn);
      place?.replaceChildren(made(html[i]));
      if (place && turn.verdict) {
        pressed(place, turn.verdict === "up");
      }
    });
    const last = told.at(-1);
    scrollTo(last);
    following(last, said(last));
    document.dispatchEvent(new Event("fs-answered"));
  } catch (error) {
    told.forEach((turn) => element(turn) && said(turn).replaceChildren(failure(error.message)));
  }
}

// Offer questions that go on from the latest answer.
async function following(turn, said) {
  all(".fs-next").forEach((old) => old.remove());
  const { questions } = await call("suggest", { answers: [turn.answer] }).catch(() => ({ questions: [] }));
  if (!questions.length || conversation.turns().at(-1)?.id !== turn.id || running) {
    return;
  }
  all(".fs-next").forEach((old) => old.remove());
  const buttons = questions.map((text) => make("button", { type: "button", data: { ask: text } }, text));
  said.append(
    make("div", { className: "fs-next", role: "group", ariaLabel: say("nextQuestions") },
      make("span", { className: "fs-note" }, say("nextQuestions")), ...buttons),
  );
}

// Turn a question into a box in which it can be changed.
export function edit(button) {
  const turn = turnOf(button);
  const asked = button.closest(".fs-asked");
  const box = make("textarea", { className: "fs-edit", rows: 2, value: turn.question, ariaLabel: say("question") });
  const again = make("button", { className: "fs-send" }, say("again"));
  const leave = make("button", { type: "button", className: "fs-plain" }, say("cancelEdit"));
  const form = make("form", { className: "fs-editing" }, box, make("p", { className: "fs-buttons" }, again, leave));
  const close = () => {
    form.replaceWith(asked);
    find("[data-do=edit]", asked).focus();
  };
  leave.onclick = close;
  box.onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (box.value.trim() && !running) {
      ask(box.value, { instead: turn });
    }
  };
  asked.replaceWith(form);
  box.focus();
}

export const alone = (button) => ask(turnOf(button).question, { instead: turnOf(button), alone: true });

function pressed(said, up) {
  for (const thumb of all("[data-do=judge]", said)) {
    thumb.ariaPressed = String(Boolean(thumb.dataset.up) === up);
  }
}

// A thumb up or down; then the reason, if the reader has one.
export async function judge(button, reason = "") {
  const turn = turnOf(button);
  const up = Boolean(button.dataset.up);
  const verdict = button.closest(".fs-verdict");
  try {
    await call("judge", { answer: turn.answer, up, reason });
    turn.verdict = up ? "up" : "down";
    pressed(verdict, up);
    find(".fs-reason", verdict).hidden = Boolean(reason);
    find(".fs-reason", verdict).onsubmit = (event) => {
      event.preventDefault();
      judge(button, find("input", verdict).value);
    };
    announce(say("thanks"));
    if (reason) {
      notice(say("thanks"));
    }
    await keep(turn);
  } catch (error) {
    notice(error.message);
  }
}

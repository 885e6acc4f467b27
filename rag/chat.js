// What moves on the page. Runs once, when the panel is there: `element` is the panel, `props.value` its HTML,
// `server.source` asks for an article, `trigger` tells the page of a question to ask again, `watch` tells when an answer
// has filled the panel.
const narrow = matchMedia("(max-width: 860px)");
let opener = null;
const twoFrames = (then) => requestAnimationFrame(() => requestAnimationFrame(then));

// Scroll the passage to just under the header that stays above it.
function reveal() {
  const mark = element.querySelector("mark") ?? element;
  const header = element.querySelector("header")?.offsetHeight ?? 0;
  mark.style.scrollMarginTop = `${header + 48}px`;
  mark.scrollIntoView({ block: "start" });
}

// Tell which citation the panel shows.
function name() {
  const place = element.querySelector(".fs-source")?.dataset.place;
  for (const button of document.querySelectorAll("button[data-place]")) {
    button.setAttribute("aria-current", String(button.dataset.place === place));
  }
}

async function show(button) {
  opener = button;
  props.value = await server.source(button.dataset.place);
  twoFrames(() => {
    name();
    reveal();
    element.querySelector("h2")?.focus({ preventScroll: true });
  });
}

function back() {
  opener?.scrollIntoView({ block: "center" });
  opener?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-place], .fs-alone, .fs-back");
  if (button?.matches("[data-place]")) {
    show(button);
  } else if (button?.matches(".fs-alone")) {
    trigger("submit", { question: button.dataset.question });
  } else if (button) {
    back();
  }
});

watch("value", () =>
  twoFrames(() => {
    name();
    if (!narrow.matches) {
      reveal(); // on a narrow screen this would take the reader away from the answer
    }
  }),
);

// A new question, and then its answer, is read from its beginning.
let shown = 0;
new MutationObserver(() => {
  const now = document.querySelectorAll(".fs-question, .fs-answer").length;
  const question = [...document.querySelectorAll("#fs-chatbot .user-row")].at(-1);
  if (now !== shown) {
    name(); // the panel may have been filled before its citation was there
  }
  if (now > shown && question) {
    const box = question.closest(".bubble-wrap");
    box.scrollTop += question.getBoundingClientRect().top - box.getBoundingClientRect().top - 16;
  }
  shown = now;
}).observe(document.body, { childList: true, subtree: true });

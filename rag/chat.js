// What moves on the page. Runs once, when the panel is there: `element` is the panel, `props.value` its HTML,
// `server.source` asks for an article, `watch` tells when an answer has filled the panel.
const narrow = matchMedia("(max-width: 860px)");
const twoFrames = (then) => requestAnimationFrame(() => requestAnimationFrame(then));

// Tell which citation the panel shows, and bring the passage into its upper part.
function settle() {
  const place = element.querySelector(".fs-source")?.dataset.place;
  for (const button of document.querySelectorAll(".fs-cite")) {
    button.setAttribute("aria-current", String(button.dataset.place === place));
  }
  const column = document.getElementById("fs-evidence");
  const top = (element.querySelector("mark") ?? element).getBoundingClientRect().top;
  column.scrollTop += top - column.getBoundingClientRect().top - column.clientHeight / 4;
}

async function show(button) {
  props.value = await server.source(button.dataset.place);
  twoFrames(() => {
    settle();
    element.querySelector("h2")?.focus({ preventScroll: true });
    if (narrow.matches) {
      (element.querySelector("mark") ?? element).scrollIntoView({ block: "center" });
    }
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".fs-cite");
  if (button) {
    show(button);
  }
});

watch("value", () => twoFrames(settle));

// A new question, and then its answer, is read from its beginning.
let shown = 0;
new MutationObserver(() => {
  const now = document.querySelectorAll(".fs-question, .fs-answer").length;
  const question = [...document.querySelectorAll("#fs-chatbot .user-row")].at(-1);
  if (now > shown && question) {
    const box = question.closest(".bubble-wrap");
    box.scrollTop += question.getBoundingClientRect().top - box.getBoundingClientRect().top - 16;
  }
  shown = now;
}).observe(document.body, { childList: true, subtree: true });

// Where the reader is, in the address: conversation, source or permalink. Owns the address, and going back in it.
export function where() {
  const parts = new URLSearchParams(location.hash.slice(1));
  return { conversation: parts.get("c"), source: parts.get("s"), link: parts.get("at") };
}

function address({ conversation, source, link }) {
  const parts = new URLSearchParams();
  for (const [key, value] of [["c", conversation], ["s", source], ["at", link]]) {
    if (value) {
      parts.set(key, value);
    }
  }
  return `#${parts}`;
}

// Go somewhere, so that the browser's back button leads back; `quietly` without a step of its own.
export function go(place, { quietly = false } = {}) {
  const there = address(place);
  if (there !== location.hash) {
    history[quietly ? "replaceState" : "pushState"]({ ours: history.state?.ours || !quietly }, "", there);
  }
}

// Whether a step back stays in this page.
export const canGoBack = () => Boolean(history.state?.ours);

export const permalink = (corpus, link) => `${location.origin}${location.pathname}${address({ link: `${corpus}/${link}` })}`;

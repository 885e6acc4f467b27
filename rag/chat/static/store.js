// Conversations in the reader's own browser, in IndexedDB. Owns their keeping; what they hold is conversation.js's.
const tabs = new BroadcastChannel("fundstelle");
let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("fundstelle", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("conversations", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function work(mode, ask) {
  const transaction = (await database()).transaction("conversations", mode);
  const request = ask(transaction.objectStore("conversations"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

async function change(ask) {
  await work("readwrite", ask);
  tabs.postMessage("changed");
}

// Change a conversation as it is kept now, which another tab may have changed meanwhile; `fresh` where there is none.
export const update = (id, fresh, alter) =>
  change((kept) => {
    const request = kept.get(id);
    request.onsuccess = () => kept.put(alter(request.result ?? fresh));
    return request;
  });
export const forget = (id) => change((kept) => kept.delete(id));
export const forgetAll = () => change((kept) => kept.clear());
export const load = (id) => work("readonly", (kept) => kept.get(id));

// All conversations, the latest first.
export async function list() {
  const found = await work("readonly", (kept) => kept.getAll());
  return found.sort((a, b) => b.updated.localeCompare(a.updated));
}

// Tell when another tab has changed something.
export const onChange = (then) => tabs.addEventListener("message", then);

"use strict";
// What the wearer said while the server was out of reach, kept in this browser until it is sent.
// The page and the service worker share it. Sent twice, it is still one: the server goes by the
// time at which it was said.

const outbox = (() => {
  const PATIENCE_MS = 8000; // A house network that is out of reach does not refuse, it is silent.
  const REFUSED = [400, 404, 409, 413, 422]; // Sent again, these would be refused again.

  function opened() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open("crampwatch", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("words", { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async function within(mode, work) {
    const database = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction("words", mode);
        const request = work(transaction.objectStore("words"));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  // The same form about the same thing: what was said of it later takes the place of the earlier.
  function word(url, body, label) {
    const given = Date.now();
    body.set("given_ms", given);
    return { key: `${url} ${body.get("time") ?? ""}`, url, body: body.toString(), given, label };
  }

  const keep = (word) => within("readwrite", (words) => words.put(word));
  const forget = (key) => within("readwrite", (words) => words.delete(key));

  async function all() {
    const words = await within("readonly", (store) => store.getAll());
    return words.sort((one, other) => one.given - other.given);
  }

  // Gives the page that answers, and whether the word was taken; throws if nobody could say.
  async function post(word) {
    const response = await fetch(word.url, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: word.body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { pathname } = new URL(response.url);
    // A login that ran out leads elsewhere.
    const taken = response.ok && (pathname === "/" || pathname.startsWith("/nights/"));
    if (!taken && !REFUSED.includes(response.status)) throw new Error(`not now: ${response.status}`);
    return { taken, html: await response.text() };
  }

  // Sends what is kept, in the order in which it was said; gives what was refused, which stays.
  async function send() {
    const refused = [];
    for (const word of await all()) {
      const { taken, html } = await post(word);
      if (taken) await forget(word.key);
      else refused.push({ word, html });
    }
    return refused;
  }

  return { all, forget, keep, post, send, word };
})();

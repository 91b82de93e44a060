"use strict";
// Keeps the front page of last time readable while the server is out of reach, and sends what was
// answered meanwhile. One page is kept for each wearer that was asked for, and what it looks like.
// Shows the notices that this browser asked for.

importScripts("/static/outbox.js");

const CACHE = "crampwatch";
const PATIENCE_MS = 5000; // Longer than a slow phone needs, shorter than anybody waits.

addEventListener("install", (event) => event.waitUntil(keepFrontPage("/").then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("sync", (event) => event.tag === "answers" && event.waitUntil(outbox.send()));
addEventListener("push", (event) => event.waitUntil(tell(event.data.json())));
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(clients.openWindow("/"));
});
addEventListener("message", (event) => {
  const { pathname, search } = new URL(event.source.url);
  if (pathname === "/") event.waitUntil(keepFrontPage(`/${search}`));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/") && url.search) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(event, url));
});

// A notice that comes twice is shown once, by its tag.
function tell({ title, text, tag }) {
  return registration.showNotification(title, { body: text, tag });
}

// The address of a file ends with a digest of what is in it, so a copy of it is never old.
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await cache.delete(request, { ignoreSearch: true });
    await cache.put(request, response.clone());
  }
  return response;
}

async function page(event, url) {
  const front = `/${url.search}`;
  try {
    const response = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (url.pathname === "/") event.waitUntil(keep(front, response.clone()));
    else event.waitUntil(keepInLanguage(response.headers.get("content-language")));
    return response;
  } catch (error) {
    const kept = await caches.match(front);
    if (!kept) throw error;
    const html = (await kept.text()).replace("<body>", "<body data-kept>");
    return new Response(html, { headers: kept.headers });
  }
}

// Whoever chose another language on another page reads it out of reach as well.
async function keepInLanguage(language) {
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (pathname !== "/") continue;
    const kept = await cache.match(request);
    if (kept.headers.get("content-language") !== language) await keepFrontPage(`/${search}`);
  }
}

async function keepFrontPage(front) {
  const response = await fetch(front).catch(() => null);
  if (response) await keep(front, response);
}

// A page that asks for a login leads elsewhere, and is not kept.
async function keep(front, response) {
  if (!response.ok || response.redirected) return;
  const cache = await caches.open(CACHE);
  const html = await response.clone().text();
  await cache.put(front, response);
  const files = [...html.matchAll(/"(\/static\/[^"]+)"/g)].map((found) => found[1]);
  await Promise.all(files.map((each) => file(new Request(each)).catch(() => null)));
}

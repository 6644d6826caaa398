// Lets the page for work without a network open where there is none. It keeps no
// page of anybody and no answer of the node: see capture.js for what it is given.
// @ts-check
/// <reference lib="webworker" />
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
worker.addEventListener("install", () => { worker.skipWaiting(); });
worker.addEventListener("activate", (e) => e.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (e) => {
  const { pathname: path, origin } = new URL(e.request.url);
  if (e.request.method !== "GET" || origin !== location.origin) return;
  const kept = path === "/capture" && e.request.mode === "navigate" ? "/capture/shell" : path;
  if (kept === path && path !== "/capture/forms" && !path.startsWith("/static/")) return;
  e.respondWith((async () => {
    const old = await caches.match(kept);
    if (old && path.startsWith("/static/")) return old; // its name changes with its content
    const slow = new Promise((_, no) => setTimeout(no, old ? 4000 : 30000));
    return /** @type {Promise<Response>} */ (Promise.race([fetch(e.request), slow])).catch(() => old ?? Response.error());
  })());
});

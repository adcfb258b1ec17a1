/// <reference lib="webworker" />
import { FILES_LIST } from "./list-files.ts";

/**
 * The service worker of an app of pages: keeps the page and all its built files on the device, so that the app opens
 * without a network. It never keeps an answer of the API.
 *
 * A version is the build's own list of files. Each has a cache of its own, filled whole before it is used, so that the
 * page and its parts are always of one build; the version before is kept for pages that are still open.
 */

/** A slow network is none: at the door somebody waits. */
const PATIENCE_MS = 2_500;
const KEPT_VERSIONS = 2;

/**
 * Answers for the pages below the worker's scope.
 *
 * @param worker the global object of the service worker
 * @param app begins the names of the caches
 * @param more files beside the built ones, relative to the scope
 */
export function serveShell(worker: ServiceWorkerGlobalScope, app: string, more: readonly string[]): void {
  const scope = worker.registration.scope;
  const prefix = `menshen-${app}-`;

  async function versions(): Promise<string[]> {
    // `keys` lists caches in the order in which they were made.
    return (await worker.caches.keys()).filter((name) => name.startsWith(prefix));
  }

  async function refresh(): Promise<void> {
    const response = await fetch(new URL(FILES_LIST, scope), { cache: "no-cache" });
    if (!response.ok) return;
    const text = await response.text();
    const name = prefix + (await digestOf(text));
    if ((await versions()).includes(name)) return;
    const filling = `filling-${name}`;
    await worker.caches.delete(filling);
    const cache = await worker.caches.open(filling);
    await cache.addAll([scope, ...[...filesIn(text), ...more].map((file) => new URL(file, scope).href)]);
    // Renamed by copying: under its own name it is whole, even if the process dies here.
    const whole = await worker.caches.open(name);
    for (const request of await cache.keys()) {
      const kept = await cache.match(request);
      if (kept !== undefined && request.url !== scope) await whole.put(request, kept);
    }
    // The page last: without it a version is not served.
    const page = await cache.match(scope);
    if (page !== undefined) await whole.put(scope, page);
    await worker.caches.delete(filling);
    for (const old of (await versions()).slice(0, -KEPT_VERSIONS)) await worker.caches.delete(old);
  }

  async function keptPage(): Promise<Response | undefined> {
    for (const name of (await versions()).reverse()) {
      const page = await (await worker.caches.open(name)).match(scope);
      if (page !== undefined) return page;
    }
    return undefined;
  }

  async function keptFile(request: Request): Promise<Response> {
    for (const name of (await versions()).reverse()) {
      const file = await (await worker.caches.open(name)).match(request);
      if (file !== undefined) return file;
    }
    return fetch(request);
  }

  async function page(request: Request): Promise<Response> {
    const kept = await keptPage();
    if (kept === undefined) return fetch(request);
    try {
      return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      return kept;
    }
  }

  worker.addEventListener("install", (event) => {
    event.waitUntil(refresh().then(() => worker.skipWaiting()));
  });
  worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
  worker.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET" || !request.url.startsWith(scope)) return;
    if (request.mode === "navigate") {
      event.respondWith(page(request));
      // Whether there is a newer version; without a network there is none.
      event.waitUntil(refresh().catch(() => {}));
    }
    if (request.mode !== "navigate" && !request.url.endsWith(FILES_LIST))
      event.respondWith(keptFile(request));
  });
}

/** The files of a build's list; none of a list that is none. */
export function filesIn(list: string): string[] {
  let files: unknown;
  try {
    files = JSON.parse(list);
  } catch {
    return [];
  }
  if (!Array.isArray(files)) return [];
  return files.filter((file) => typeof file === "string" && /^assets\/[\w.-]+$/.test(file));
}

async function digestOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

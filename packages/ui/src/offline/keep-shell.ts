/** Until the first page stands on a slow line, counted from when its files were there. */
const FIRST_PAGE_MS = 3_000;

/**
 * Lets the browser keep this app, so that it opens without a network; where the browser has no service workers (a page
 * without https), the app needs the network as before.
 *
 * @param path of the worker, below the app's own prefix
 */
export function keepShell(path: string): void {
  if (!("serviceWorker" in navigator)) return;
  const register = () => {
    navigator.serviceWorker.register(path).catch(() => {
      // A private window, or storage that is full: the app works, with a network.
    });
  };
  // The worker fetches all of the app, also pages that nobody opened: what the first page needs goes before it.
  const later = () => setTimeout(register, FIRST_PAGE_MS);
  if (document.readyState === "complete") later();
  else addEventListener("load", later, { once: true });
}

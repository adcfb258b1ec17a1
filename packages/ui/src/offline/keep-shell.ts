/**
 * Lets the browser keep this app, so that it opens without a network; where the browser has no service workers (a page
 * without https), the app needs the network as before.
 *
 * @param path of the worker, below the app's own prefix
 */
export function keepShell(path: string): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(path).catch(() => {
    // A private window, or storage that is full: the app works, with a network.
  });
}

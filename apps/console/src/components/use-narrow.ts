import { useSyncExternalStore } from "react";

const QUERY = "(max-width: 700px)";

function subscribe(listener: () => void): () => void {
  const media = matchMedia(QUERY);
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

/** True on a screen too narrow for a table: a telephone, or a page at 200 % zoom. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(QUERY).matches);
}

import { useEffect, useState } from "react";

/**
 * Reads what anybody may read of this community's server.
 *
 * @param path of an operation that answers with JSON; must stay the same
 * @returns the answer; `unreachable` if there is none, `undefined` while it is read
 */
export function usePublicList<T>(path: string): T | "unreachable" | undefined {
  const [found, setFound] = useState<T | "unreachable">();
  useEffect(() => {
    let isGone = false;
    const put = (value: T | "unreachable") => {
      if (!isGone) setFound(value);
    };
    read<T>(path).then(put, () => put("unreachable"));
    return () => {
      isGone = true;
    };
  }, [path]);
  return found;
}

async function read<T>(path: string): Promise<T> {
  const response = await fetch(path, { cache: "no-cache" });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

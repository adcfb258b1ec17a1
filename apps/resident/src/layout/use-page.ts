import { useEffect, useState } from "react";

/** Pages stand behind `#`: the address needs nothing of the server, and a code in it never reaches one. */
export type PageName = "home" | "join" | "recover" | "code" | "trail" | "looks" | "key" | "device";

const NAMES: readonly PageName[] = ["home", "join", "recover", "code", "trail", "looks", "key", "device"];

export interface PageAddress {
  readonly name: PageName;
  /** Of a join link. */
  readonly code: string | undefined;
}

/** Reads `#join=CODE`, `#/trail`; anything else is home. */
export function parsePage(hash: string): PageAddress {
  const join = /^#join=([0-9A-Za-z-]{1,40})$/.exec(hash);
  if (join !== null) return { name: "join", code: join[1] };
  const name = NAMES.find((candidate) => hash === `#/${candidate}`) ?? "home";
  return { name, code: undefined };
}

/** The page that the address names. An invitation's code leaves the address and its history at once. */
export function usePage(): PageAddress {
  const [page, setPage] = useState(() => parsePage(location.hash));
  useEffect(() => {
    const read = () => setPage(parsePage(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  useEffect(() => {
    if (page.code !== undefined) history.replaceState(null, "", "#/join");
    scrollTo(0, 0);
  }, [page]);
  return page;
}

export function goTo(name: PageName): void {
  location.hash = `#/${name}`;
}

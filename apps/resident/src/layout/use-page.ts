import { useEffect, useState } from "react";

/** Pages stand behind `#`: the address needs nothing of the server, and a code in it never reaches one. */
const NAMES = [
  "home",
  "keys",
  "rights",
  "community",
  "help",
  "papers",
  "pass",
  "visitors",
  "tokens",
  "homes",
  "join",
  "recover",
  "code",
  "trail",
  "looks",
  "key",
  "receipts",
  "phones",
  "votes",
  "vendor",
  "complaints",
  "messages",
  "consents",
  "household",
  "data",
  "cards",
  "deletion",
  "device",
] as const;
export type PageName = (typeof NAMES)[number];

export interface PageAddress {
  readonly name: PageName;
  /** Of a join link. */
  readonly code: string | undefined;
  /** Which part of the page, e.g. `new`. */
  readonly part?: string;
}

/** Reads `#join=CODE`, `#/trail`, `#/visitors/new`; anything else is home. */
export function parsePage(hash: string): PageAddress {
  const join = /^#join=([0-9A-Za-z-]{1,40})$/.exec(hash);
  if (join !== null) return { name: "join", code: join[1] };
  const [, named, part] = /^#\/([a-z]+)(?:\/([0-9a-z-]{1,40}))?$/.exec(hash) ?? [];
  const name = NAMES.find((candidate) => named === candidate) ?? "home";
  return { name, code: undefined, ...(part === undefined || name === "home" ? {} : { part }) };
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

export function goTo(name: PageName, part?: string): void {
  location.hash = part === undefined ? `#/${name}` : `#/${name}/${part}`;
}

import type { PageName } from "./use-page.ts";

/** The parts of the app; each begins with a page of its own. */
export const TABS = ["home", "keys", "rights", "community", "help"] as const;
export type Tab = (typeof TABS)[number];

/** Which part a page belongs to; pages before joining belong to none. */
export function tabOf(page: PageName): Tab | undefined {
  switch (page) {
    case "home":
    case "pass":
    case "visitors":
    case "tokens":
      return "home";
    case "keys":
    case "household":
    case "homes":
    case "phones":
    case "receipts":
    case "cards":
      return "keys";
    case "rights":
    case "trail":
    case "looks":
    case "consents":
    case "data":
    case "deletion":
    case "key":
    case "code":
      return "rights";
    case "community":
    case "votes":
    case "vendor":
    case "complaints":
    case "messages":
      return "community";
    case "help":
    case "papers":
    case "device":
      return "help";
    case "join":
    case "recover":
      return undefined;
  }
}

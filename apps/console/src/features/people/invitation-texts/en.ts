import type { Texts } from "../../../i18n/zh-CN.ts";
import type { zhCN } from "./zh-CN.ts";

/** English texts of an invitation on paper, handed over at the desk. */
export const en: Texts<typeof zhCN> = {
  show: "Put it on paper",
  print: "Print",
  close: "Put away",
  title: "{{community}} · invitation for a resident",
  lead: "This paper works once and is for you alone. Whoever has it can join in your name.",
  code: "Invitation code",
  until: "Valid until {{when}}",
  phoneTitle: "With a telephone",
  phone: "Scan this code, or open the address below in a browser and press “Join”.",
  deskTitle: "Without a smartphone",
  desk: [
    "At the shared screen of the desk press “I have an invitation code” and type the letters and digits above.",
    "The screen gives you a recovery code: print it and take it home. With it you see your own entries, withdraw consents, vote and complain at the shared screen.",
    "You need not use a screen at all: consent, withdrawal, votes, complaints and deletion can be done on paper at the desk, and the doors open just the same.",
  ],
  never: "No identity number is needed. Nobody will ever ask you for the recovery code.",
};

import type { complaintsZhCN } from "./complaints-zh-CN.ts";

/** Title of complaints; the page brings its own texts. */
export const complaintsEn: typeof complaintsZhCN = {
  cardsAsked: { title: "Cards in question", fact: "A card may have been copied. Is it yours?" },
  complaints: { title: "Complaints", fact: "Write one, read answers and receipts" },
};

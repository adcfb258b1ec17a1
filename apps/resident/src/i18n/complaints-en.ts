import type { complaintsZhCN } from "./complaints-zh-CN.ts";

/** Title of complaints; the page brings its own texts. */
export const complaintsEn: typeof complaintsZhCN = {
  complaints: { title: "Complaints", fact: "Write one, read answers and receipts" },
};

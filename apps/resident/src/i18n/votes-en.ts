import type { votesZhCN } from "./votes-zh-CN.ts";

/** Titles of votes and vendors, and their words on the first screen; the votes bring their own texts. */
export const votesEn: typeof votesZhCN = {
  messages: { title: "Messages", fact: "Water, power, votes, or something that happened to your data" },
  votes: { title: "Votes", fact: "Motions, ballots and results" },
  vendor: {
    title: "The vendor",
    fact: "Whose devices, who is paid, where data are",
    lead: "Who sells and maintains the gates here. One thing unsaid, and its devices are not installed.",
    none: "No vendor is listed yet",
    noneHelp: "When the property company has written its page, it stands here and on the public page.",
    history: "Every change",
    inLog: "entry of the public log",
  },
};

import type { zhCN } from "./zh-CN.ts";

export const en: typeof zhCN = {
  progress: {
    title: "How far the deletion is",
    going: "{{answered}} of {{all}} gates have given their receipt",
    closed: "All deleted",
    state: {
      awaiting: "waiting until it is back",
      answered: "deleted and signed",
      released: "out of use, not waited for",
    },
    save: "Save the receipts (JSON)",
    slip: "Make a slip for them",
    slipHelp: "With this code they see the progress without an account. An earlier code ends.",
  },
  exit: {
    title: "The vendor's exit",
    begin: "Begin the exit",
    ground: "Why",
    lead: "Every store and device of theirs stands here. While one receipt is missing it is not closed.",
    open: "{{count}} receipts are missing",
    closed: "Closed: ",
    kind: { store: "Store", gate: "Gate", reader: "Reader" },
    outcome: { returned: "Returned", deleted: "Deleted", kept: "Stays, looked after by another" },
    outcomeLabel: "What became of it",
    words: "What the receipt says",
    enter: "Enter the receipt",
    close: "Close the exit",
    missing: "Fill this in",
  },
};

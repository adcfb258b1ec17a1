import type { Texts } from "../../../i18n/zh-CN.ts";
import type { zhCN } from "./zh-CN.ts";

/** English texts of what residents may give visitors. */
export const en: Texts<typeof zhCN> = {
  title: "Passes that residents give visitors",
  lead: "The same for all residents. Each change needs a reason and is public in the log.",
  visits: "Residents sign visitor passes",
  visitsHelp:
    "When this is off, doors no longer take those that residents have given out; passes of the desk still work.",
  on: "Allowed",
  off: "Not allowed",
  longest: "Longest visitor pass",
  longestField: "Longest, in days ({{min}} to {{max}})",
  longestHelp: "From its first moment to its last. Doors refuse longer ones, also those given out before.",
  length: { days: "Days: {{count}}", hours: "Hours: {{count}}", minutes: "Minutes: {{count}}" },
  tokens: "One-time tokens for each person and day",
  tokensField: "Tokens for each person and day (0 to {{max}})",
  tokensHelp: "When one is used, neither the gate nor the server can tell whose it was. 0 is none.",
  tokenCount: "{{count}}",
  change: "Change",
  save: "Save",
};

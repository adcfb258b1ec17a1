import type { Texts } from "../../../i18n/zh-CN.ts";
import type { zhCN } from "./zh-CN.ts";

/** English texts of how long anything is kept. */
export const en: Texts<typeof zhCN> = {
  title: "How long anything is kept",
  lead: "What is kept for how long, and what is deleted then. Each change needs a reason and is public in the log.",
  days: "{{count}} days",
  change: "Change",
  save: "Keep it for that long",
  field: "Days ({{min}} to {{max}})",
  entries: {
    title: "Door entries",
    help: "So many days after the end of a period, the custodians' programs destroy its shares and the door entries are deleted: from then on nobody opens them or finds them. A vote may shorten it, and never lengthen it beyond 30 days.",
    deleted: "Door entries from before {{before}} are deleted.",
  },
  records: {
    title: "Records of administration, of looks and of devices",
    help: "The Cybersecurity Law (article 21) asks for no less than six months; the longest six calendar months have 184 days. After that the content is deleted, and the log keeps commitments that tell nothing.",
    deleted: "Records from before {{before}} are deleted, the last time on {{deletedAt}}.",
  },
  seal: {
    title: "Seal of lawful openings",
    help: "From the request on, the persons concerned are told after so many days at the latest, and the request becomes public. Requests that were taken in already keep their seal.",
  },
  ceremony: {
    title: "Keys are being made",
    gathering: "Waiting for the custodians until {{until}} at the latest. Here: {{names}}.",
    running: "The programs make the keys together, until {{until}} at the latest.",
    nobody: "nobody yet",
    stop: "Stop it",
    stopHelp: "No share of it is put to use then. It can be begun anew at any time.",
  },
  waiting: {
    title: "Waits for the custodians",
    help: "Their programs go by the change of log and witnesses when {{threshold}} custodians have signed. Ask them to open their page, or to run menshen custodian endorse.",
    signed: "Signed: {{names}}.",
    missing: "Not signed yet: {{names}}.",
    inForce: "Gates go by it already, because it asks for no less.",
    notInForce: "Gates go on as before.",
    since: "Proposed",
  },
  person: {
    showRemoved: "Removed people",
    title: "Removing and deleting",
    remove: "Remove this person",
    removeHelp:
      "If they asked for it themselves; whoever has an account moves out in the app. Their credentials are refused at once and their account ends. It can be undone for 30 days; then they are deleted.",
    removedSince: "Removed:",
    restore: "Restore",
    erase: "Delete for good now",
    eraseHelp:
      "Homes, credentials, account and who looked at them go, with what the log says of them. There is no way back.",
    erased: "Deleted for good",
    receipt: {
      title: "Receipt of the deletion",
      at: "Deleted",
      sealed: "Door entries from before stay sealed until",
      sealedHelp:
        "Then the shares of the keys are destroyed and nobody opens them. Until then they hold a card number that belongs to nobody; only entries that a case holds last longer.",
      records: "Ids in the record of administration, without a name, are kept until",
      statements: "Entries of the log that lost their content",
      leaf: "Number of the deletion in the log",
      print: "Print the receipt",
    },
  },
};

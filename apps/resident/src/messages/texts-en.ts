import type { MessageTexts } from "./texts-zh-CN.ts";

export const en: MessageTexts = {
  notices: "Notices",
  noticesHelp: "About your home, your rights and your data. Nobody sells anything here.",
  none: "No notices yet",
  noneHelp: "Water, power, votes, or something that happened to your data: it comes here.",
  unread: "Unread",
  incident: "An incident that concerns your data",
  incidentHelp:
    "It hit data of yours. Do what stands under “What you can do”; if you have questions, ask where it says.",
  incidentPublic: "What is public about it",
  incidentWaiting: "It becomes public when it is dealt with; the page says how many, never who.",
  complain: "If you are not satisfied you can complain, also to the authority.",
  commercial: "Commercial messages",
  commercialMark: "Advertisement",
  commercialHelp:
    "They come because you agreed, and for no other reason. Pages that open doors never have any.",
  from: "Paid for by {{name}}",
  off: "Turn commercial messages off",
  isOff: "Commercial messages are off",
  isOffHelp: "No more come, and earlier ones are not shown.",
  neverOn: "While they are off nobody can send you any.",
  stopped: "Off, from now on. Your consent is withdrawn, too; the receipt is under “My consents”.",
  stoppedOnly:
    "Off, from now on. The consent itself could not be withdrawn yet; you can do that under “My consents”.",
  noneCommercial: "None came yet.",
  turnOn: "If you want them, turn them on under “My consents”",
};

import type { zhCN } from "./zh-CN.ts";

export const en: typeof zhCN = {
  title: "Readers and door screens",
  none: "There are no readers yet",
  noneHelp:
    "Readers, door screens and desk readers are registered here first, then named in their gate's configuration.",
  kind: "Kind",
  kindOf: {
    osdp: "OSDP reader",
    pcsc: "PC/SC reader",
    kiosk: "Door screen",
    io: "Indoor input and output unit",
    desk: "Desk reader",
  },
  at: "Access point",
  linkOf: { online: "Online", offline: "Lost", unknown: "Unknown" },
  add: "Register",
  name: "Name of a new reader",
  setUp: "Set the screen up",
  removed: "Take it out of the gate's configuration too, or the gate goes on serving this screen.",
  screen: {
    lead: "The token was drawn in this browser just now. It goes to no server, and is gone when you close this. Opening it again draws another.",
    gate: "1. Put this into this gate's configuration (kiosk), then restart the gate",
    merge: "Where the configuration has a kiosk already, add the entry of places only.",
    browser: "2. On the gate's own box, open it with Chromium",
    why: "The page is served on that box only and passes no network. Nobody is asked about camera and sound.",
    copy: "Copy",
    copied: "Copied",
    notCopied: "The browser does not allow copying. Select the text by hand.",
  },
};

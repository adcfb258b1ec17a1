import type { EventItem } from "@menshen/wire";
import type { TFunction } from "i18next";

const KNOWN = {
  portal: [
    "opened",
    "closed",
    "forced",
    "held-too-long",
    "held-ended",
    "exit-request",
    "unlocked",
    "locked",
    "fire-on",
    "fire-reset",
    "mode-changed",
    "lock-not-answering",
    "passage-confirmed",
    "passage-missing",
    "hold-began",
    "hold-ended",
    "contact-chatter",
    "contact-steady",
    "tailgated",
  ],
  reader: [
    "online",
    "offline",
    "secure-channel-up",
    "secure-channel-lost",
    "mac-failures",
    "tamper-on",
    "tamper-off",
    "power-fault",
    "install-window-opened",
    "install-window-closed",
    "key-set",
    "power-restored",
    "call",
    "flooded",
    "flood-ended",
  ],
  gate: [
    "started",
    "clock-stepped",
    "clock-disciplined",
    "snapshot-applied",
    "snapshot-refused",
    "keyring-applied",
    "modes-applied",
    "trail-applied",
    "passes-applied",
    "door-rules-applied",
    "gates-apart",
    "gates-together",
    "power-fault",
    "power-restored",
    "battery-low",
    "battery-restored",
    "journal-degraded",
    "journal-restored",
    "journal-late",
    "certificate-renewed",
    "self-test",
  ],
} as const;

/** What a portal, reader or gate event is called; one this console does not know keeps its protocol name. */
export function eventText(t: TFunction, event: EventItem): string {
  if (event.kind === "portal") {
    const known = KNOWN.portal.find((name) => name === event.event);
    if (known !== undefined) return t(`event.portal.${known}`);
  } else if (event.kind === "reader") {
    const known = KNOWN.reader.find((name) => name === event.event);
    if (known !== undefined) return t(`event.reader.${known}`);
  } else if (event.kind === "gate") {
    const known = KNOWN.gate.find((name) => name === event.event);
    if (known !== undefined) return t(`event.gate.${known}`);
  } else {
    return event.granted === true ? t("event.granted") : t("event.refused");
  }
  return event.event ?? event.kind;
}

const ALARMS: ReadonlySet<string> = new Set([
  "forced",
  "held-too-long",
  "lock-not-answering",
  "fire-on",
  "tamper-on",
  "secure-channel-lost",
  "mac-failures",
  "call",
  "contact-chatter",
  "tailgated",
  "flooded",
  "battery-low",
  "journal-degraded",
]);

/** Whether an event is one that someone should see at once. */
export function isAlarm(event: EventItem): boolean {
  return event.event !== undefined && ALARMS.has(event.event);
}

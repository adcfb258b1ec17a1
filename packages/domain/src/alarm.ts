/**
 * What rings for a guard. A closed union, stored by name: append only.
 *
 * - `fire`: fire release is on; `duress`: somebody was forced to open; nobody but guards learns of it;
 * - `forced`: a door opened without leave; `tamper`: a reader was opened or torn off;
 * - `lock-not-answering`: whether a door is locked is not known;
 * - `reader-attacked`: forged frames on a reader's wire; `credential-fault`: a credential that may be a copy;
 * - `gate-silent`: nothing is heard of a gate; `reader-offline`: nothing is heard of a reader;
 * - `journal-degraded`: a gate cannot record safely; `held-too-long`: a door stands open;
 * - `power-fault`: a reader says that its power fails;
 * - `call`: somebody at a door's screen called for a guard;
 * - `contact-chatter`: a door's contact flickers, so that nobody knows how the door stands;
 * - `reader-flooded`: a reader reports more than persons can present; `battery-low`: a gate's battery is nearly empty;
 * - `tailgating`: more went through a turnstile than were granted.
 */
export const ALARM_KINDS = [
  "fire",
  "duress",
  "forced",
  "tamper",
  "lock-not-answering",
  "reader-attacked",
  "credential-fault",
  "gate-silent",
  "reader-offline",
  "journal-degraded",
  "held-too-long",
  "power-fault",
  "call",
  "contact-chatter",
  "reader-flooded",
  "battery-low",
  "tailgating",
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** How dangerous: 1 for life and limb, 2 for somebody breaking in now, down to 5 for what can wait until the day. */
export type DangerRank = 1 | 2 | 3 | 4 | 5;

export const DANGER_RANKS: Readonly<Record<AlarmKind, DangerRank>> = {
  fire: 1,
  duress: 1,
  forced: 2,
  tamper: 2,
  "lock-not-answering": 2,
  "reader-attacked": 2,
  "credential-fault": 3,
  "gate-silent": 3,
  "reader-offline": 4,
  "journal-degraded": 4,
  "held-too-long": 4,
  "power-fault": 5,
  call: 3,
  "contact-chatter": 4,
  "reader-flooded": 3,
  "battery-low": 4,
  tailgating: 3,
};

/** What a guard found at the end; `helped`: somebody who called was helped; `other` needs a text. */
export const ALARM_FINDINGS = [
  "false-alarm",
  "careless-use",
  "technical-fault",
  "misuse",
  "break-in",
  "emergency",
  "drill",
  "other",
  "helped",
] as const;
export type AlarmFindingCode = (typeof ALARM_FINDINGS)[number];

/** The kind of this name; `undefined` for none. */
export function parseAlarmKind(text: string): AlarmKind | undefined {
  return ALARM_KINDS.find((kind) => kind === text);
}

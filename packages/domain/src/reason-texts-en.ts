import type { CredentialKind } from "./credential.ts";
import type { ReasonFormat, ReasonTexts } from "./reason-template.ts";

const KINDS: Readonly<Record<CredentialKind, string>> = {
  desfire: "a DESFire card",
  ntag424: "an NTAG 424 card",
  uid: "a card that only shows its number",
  wiegand: "a card number over Wiegand",
  "osdp-raw": "a card number without proof",
  pin: "a PIN",
  phone: "a phone",
  pass: "a pass code",
  face: "a face",
  pkoc: "a PKOC credential",
  "phone-pass": "a code on a phone's screen",
  plate: "a number plate",
};

const REFUSED = "Refused.";

const SECOND_FACTOR = {
  pin: {
    what: "Waiting.",
    why: "This door asks for the PIN as well.",
    next: "Enter the PIN of the same person on the keypad within half a minute.",
  },
  other: {
    what: "Waiting.",
    why: "A PIN alone does not open this door.",
    next: "Show a card, telephone or pass of the same person within half a minute.",
  },
  holder: {
    what: "Waiting.",
    why: "The gate does not know whether the PIN and the other credential are one person's.",
    next: "Try again when the gate has newer keys, or open by hand with a reason.",
  },
  visitor: {
    what: "Waiting.",
    why: "This door asks for a PIN as well, and a visitor has none.",
    next: "Take a door that lets visitors in, or open by hand with a reason.",
  },
} as const;

/** The rule as the start of a sentence. */
function theRule(rule: number | undefined, format: ReasonFormat): string {
  const name = rule === undefined ? undefined : format.ruleName?.(rule);
  return name === undefined ? "The rule for this door" : `The rule “${name}”`;
}

export const ENGLISH: ReasonTexts = {
  "rule-allows": (reason, format) => ({
    what: "Opened.",
    why: `${theRule(reason.rule, format)} allows it.`,
  }),
  "portal-unlocked": (reason) => {
    switch (reason.cause) {
      case "schedule":
        return { what: "Opened.", why: "This door stands unlocked at this hour by its schedule." };
      case "held-open":
        return {
          what: "Opened.",
          why: "Somebody set this door to stay open.",
          next: "Set it back to normal when it need not stay open.",
        };
      case "fire-release":
        return {
          what: "Opened.",
          why: "The fire release holds this door open.",
          next: "When the building is safe, reset the fire release by hand.",
        };
    }
  },
  "credential-unknown": () => ({
    what: REFUSED,
    why: "This credential is not on record at this door.",
    next: "Enrol it at the desk, or call the household.",
  }),
  "credential-blocked": ({ astray }) =>
    astray === true
      ? {
          what: REFUSED,
          why: "This credential was reported lost, or its holder lives here no more.",
          next: "Ask whoever shows it. If its holder found it, unblock it at the desk.",
        }
      : {
          what: REFUSED,
          why: "This credential is blocked or was reported lost.",
          next: "If its holder has it, unblock it at the desk or hand out a new one free of charge.",
        },
  "credential-not-yet-valid": (reason, format) => ({
    what: REFUSED,
    why:
      reason.from === undefined
        ? "This credential does not work yet."
        : `This credential works from ${format.instant(reason.from)}.`,
    next: "Come back then, or open by hand with a reason.",
  }),
  "credential-expired": (reason, format) => ({
    what: REFUSED,
    why:
      reason.until === undefined
        ? "This credential has ended."
        : `This credential ended on ${format.instant(reason.until)}.`,
    next: "Extend it at the desk, or call the household.",
  }),
  "credential-kind-mismatch": (reason) => ({
    what: REFUSED,
    why: `This credential is on record as ${KINDS[reason.enrolled]} but came as ${KINDS[reason.presented]}.`,
    next: "Try again with the original, and enrol it anew if it is refused again.",
  }),
  "credential-downgraded": (reason) => ({
    what: REFUSED,
    why: `This card is on record as grade ${reason.enrolled} but answered only as grade ${reason.presented}; it may be a copy.`,
    next: "Hold the card flat and try again; if it is refused again, have it checked at the desk.",
  }),
  "credential-not-authentic": (reason) => {
    switch (reason.detail) {
      case "wrong-key":
        return {
          what: REFUSED,
          why: "This card could not prove that it is genuine: its key is not the one on record.",
          next: "Have the card checked at the desk; a new one is free of charge.",
        };
      case "protocol-error":
        return {
          what: REFUSED,
          why: "The card and the reader did not understand each other.",
          next: "Hold the card flat and still and try again.",
        };
      case "card-removed":
        return {
          what: REFUSED,
          why: "The card was taken away too early.",
          next: "Hold it still until the sound and try again.",
        };
      case "replay":
        return {
          what: REFUSED,
          why: "This card showed an answer that was used before; it may be a copy.",
          next: "Have the card checked at the desk; a new one is free of charge.",
        };
    }
  },
  "no-rule-for-access-point": () => ({
    what: REFUSED,
    why: "No rule lets the holder of this credential through this door.",
    next: "If they should pass, add them to a rule, or open by hand with a reason.",
  }),
  "outside-schedule": (reason, format) => ({
    what: REFUSED,
    why:
      reason.nextOpening === undefined
        ? `${theRule(reason.rule, format)} does not hold at this hour.`
        : `${theRule(reason.rule, format)} holds again from ${format.instant(reason.nextOpening)}.`,
    next: "Come back in its hours, or open by hand with a reason.",
  }),
  "means-not-allowed": (reason, format) => ({
    what: REFUSED,
    why: `${theRule(reason.rule, format)} does not admit ${KINDS[reason.kind]}.`,
    next: "Use another way in; a card is free of charge at the desk.",
  }),
  "grade-too-low": (reason) => ({
    what: REFUSED,
    why:
      reason.minimum === undefined
        ? `The rule asks for a better grade than ${reason.grade}.`
        : `This door asks for grade ${reason.minimum} or better, and this opening was grade ${reason.grade}.`,
    next: "Use a better card, free of charge at the desk, or have the reader's link checked.",
  }),
  "rule-not-yet-valid": (reason, format) => ({
    what: REFUSED,
    why:
      reason.from === undefined
        ? `${theRule(reason.rule, format)} does not let this holder through yet.`
        : `${theRule(reason.rule, format)} lets this holder through from ${format.instant(reason.from)}.`,
    next: "Come back then, or open by hand with a reason.",
  }),
  "rule-expired": (reason, format) => ({
    what: REFUSED,
    why:
      reason.until === undefined
        ? `${theRule(reason.rule, format)} does not let this holder through any more.`
        : `${theRule(reason.rule, format)} let this holder through until ${format.instant(reason.until)}.`,
    next: "Extend the rule or the residency if they should still pass.",
  }),
  "portal-locked": () => ({
    what: REFUSED,
    why: "This door was locked for everybody.",
    next: "Use another door, or set this one back to normal.",
  }),
  lockdown: (reason) => ({
    what: REFUSED,
    why: {
      0: "A lockdown is in force.",
      1: "A lockdown is in force: only residents and staff pass.",
      2: "A lockdown is in force: only staff with a lockdown permission pass.",
      3: "A lockdown is in force: nobody passes.",
    }[reason.level],
    next: "Follow the guard's instructions; a guard can end the lockdown.",
  }),
  "access-point-unknown": () => ({
    what: REFUSED,
    why: "This reader is not assigned to any door of this gate.",
    next: "Assign the reader to a door in the console.",
  }),
  "time-uncertain": (reason) => ({
    what: REFUSED,
    why: `The gate's clock is uncertain by ${seconds(reason.spreadMs)}, too much for a permission with hours or dates.`,
    next: "Open by hand with a reason, and bring the gate online so that it can set its clock.",
  }),
  "no-snapshot": () => ({
    what: REFUSED,
    why: "This gate has not received any rules yet.",
    next: "Bring the gate online, and open by hand with a reason until then.",
  }),
  "snapshot-outlived": (reason, format) => ({
    what: REFUSED,
    why: `This gate knows hours and holidays only until ${format.instant(reason.until)}.`,
    next: "Bring the gate online so that it can fetch new rules.",
  }),
  "evaluation-failed": () => ({
    what: REFUSED,
    why: "The gate could not work out an answer, and in doubt it stays shut.",
    next: "Open by hand with a reason, and report the fault.",
  }),
  "credential-not-in-log": () => ({
    what: REFUSED,
    why: "This credential is not in the public log yet, so the gate does not accept it.",
    next: "Try again in a minute; if it is refused again, ask at the desk whether its issue was confirmed.",
  }),
  "pass-allows": () => ({ what: "Opened.", why: "A visitor's pass allows it." }),
  "pass-not-accepted": (reason) => {
    switch (reason.detail) {
      case "unreadable":
        return {
          what: REFUSED,
          why: "This is no pass that the gate can read.",
          next: "Show the whole code, bright and unfolded, or ask for a new one.",
        };
      case "other-community":
        return {
          what: REFUSED,
          why: "This pass belongs to another community.",
          next: "Check where you are expected, or call the household.",
        };
      case "unknown-signer":
        return {
          what: REFUSED,
          why: "Nobody that this gate knows signed this pass, or their right has ended.",
          next: "Ask whoever sent it, or the desk, for a new one.",
        };
      case "not-authentic":
        return {
          what: REFUSED,
          why: "The signature on this pass does not hold; it may be forged.",
          next: "Ask whoever sent it, or the desk, for a new one.",
        };
    }
  },
  "pass-not-here": () => ({
    what: REFUSED,
    why: "This pass is for another door.",
    next: "Use the door that the pass names.",
  }),
  "pass-not-yet-valid": () => ({
    what: REFUSED,
    why: "This pass does not hold yet.",
    next: "Come back in its time, which stands on it; a phone's clock should be right.",
  }),
  "pass-expired": () => ({
    what: REFUSED,
    why: "The time of this pass is over.",
    next: "Show a new one: a picture of the screen holds for seconds only.",
  }),
  "pass-outside-hours": () => ({
    what: REFUSED,
    why: "This pass does not hold at this hour.",
    next: "Come back in its hours, which stand on it.",
  }),
  "pass-used": ({ uses }) => ({
    what: REFUSED,
    why:
      uses === undefined
        ? "This pass has been used already."
        : `This pass has been used ${uses} times, as often as it may be.`,
    next: "Show a new one; whoever did not use it should tell whoever sent it.",
  }),
  "pass-outdated": () => ({
    what: REFUSED,
    why: "The gate cannot be sure that this code was not used before.",
    next: "Show a new one, or scan the code on the screen again.",
  }),
  "pass-revoked": () => ({
    what: REFUSED,
    why: "This pass was taken back.",
    next: "Ask whoever sent it.",
  }),
  "pass-beyond-delegation": () => ({
    what: REFUSED,
    why: "Whoever signed this pass may not let visitors in here, or not for so long.",
    next: "Ask whoever sent it for another, or the desk.",
  }),
  "pass-quota-spent": () => ({
    what: REFUSED,
    why: "As many one-time passes as were issued for this day have been used.",
    next: "Ask whoever sent it for another way in, or the desk; have the issuing looked at.",
  }),
  "visits-off": () => ({
    what: REFUSED,
    why: "This gate takes no such passes.",
    next: "Call the household, or ask at the desk.",
  }),
  "journal-unavailable": () => ({
    what: REFUSED,
    why: "The gate cannot store that this one-time pass was used.",
    next: "Use a card, or open by hand with a reason; have the gate's disk checked.",
  }),
  "anti-passback": (reason, format) => ({
    what: REFUSED,
    why:
      reason.until === undefined
        ? "This person counts as inside already."
        : `This person counts as inside already, until ${format.instant(reason.until)}.`,
    next: "If they left unseen, a guard can forgive it with a reason; then they enter as usual.",
  }),
  "area-full": (reason) => ({
    what: REFUSED,
    why: `As many persons as may be (${reason.limit}) are inside.`,
    next: "Wait until somebody leaves; if the count is wrong, a guard can correct it.",
  }),
  interlock: () => ({
    what: REFUSED,
    why: "Another door of this lock chamber is open or unlocked.",
    next: "Close the other door and try again.",
  }),
  "second-person-awaited": (reason, format) => ({
    what: "Waiting.",
    why:
      reason.until === undefined
        ? "Two persons go in here together."
        : `Two persons go in here together; the second has until ${format.instant(reason.until)}.`,
    next: "A second person presents their own credential at the same reader.",
  }),
  "first-person-missing": () => ({
    what: REFUSED,
    why: "No member of staff is inside yet.",
    next: "Wait for a member of staff to go in first.",
  }),
  "escort-missing": () => ({
    what: REFUSED,
    why: "This person goes in here with an escort only.",
    next: "The escort opens first; follow at the same reader right behind.",
  }),
  "gates-apart": () => ({
    what: REFUSED,
    why: "The gates of this area cannot hear each other, and then nobody goes in.",
    next: "Open by hand with a reason, and have the network between the gates checked.",
  }),
  "anti-passback-noted": () => ({
    what: "Opened.",
    why: "The direction does not fit where this person was last seen; it was noted.",
  }),
  "door-rule-waived": (reason) => ({
    what: "Opened.",
    why: `The gates of this area cannot hear each other, so this was not held: ${
      {
        "anti-passback": "who counts as inside does not enter again",
        "area-full": "the limit of persons inside",
        "first-person": "staff go in first",
        "two-persons": "nobody is inside alone",
      }[reason.waived]
    }.`,
    next: "Have the network between the gates checked.",
  }),
  "person-left-alone": () => ({
    what: "Opened.",
    why: "One person stays behind where nobody is to be alone.",
    next: "See whether the person inside is well.",
  }),
  "second-factor-needed": (reason) => SECOND_FACTOR[reason.missing],
  "stopped-by-person": () => ({
    what: REFUSED,
    why: "Somebody at the desk stopped this card, because a copy of it may be in use. This is about the card, not about you.",
    next: "Please see the desk: a new card is free of charge. Your other ways in still work, and you can object.",
  }),
  "desk-asks": () => ({
    what: "Opened.",
    why: "The desk has a question about this card.",
    next: "Please see the desk.",
  }),
};

function seconds(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

import type { zhCN } from "./zh-CN.ts";

export const en: typeof zhCN = {
  title: "Guard",
  doors: "Doors ({{count}})",
  view: "How doors are shown",
  plan: "Plan",
  list: "List",
  unplaced: "Doors not placed on the plan yet",
  connection: {
    live: "Live",
    connecting: "Connecting",
    lost: "Lost since {{since}}",
  },
  break: {
    text: "From {{since}} to {{until}} the server was out of reach.",
    filledIn: "What happened meanwhile was filled in ({{count}}).",
    read: "Got it",
  },
  night: "Night mode",
  command: {
    given: "Sent to the gate",
    kind: {
      unlock: "Open",
      silence: "Silence",
      "relay-test": "Test the lock",
      "fire-reset": "Reset fire release",
      forgive: "Forget where somebody is",
      "set-count": "Correct the count",
    },
    why: {
      unlock: "Why is it opened?",
      silence: "Why is it silenced?",
      "relay-test": "Why is the lock tested?",
      "fire-reset": "Why is it reset? Make sure first that the danger is over.",
    },
    state: {
      waiting: "Gate not connected: done only if it comes back within seconds",
      sent: "Sent, waiting for the gate",
      "no-effect": "The gate did it, but the lock did not react: send somebody",
      late: "It came too late, and the gate did nothing",
      unanswered: "No answer, so nobody knows: look at the door's state",
      refused: "The gate did nothing",
    },
    done: {
      opened: "Lock released, door opened",
      nobody: "Lock released, nobody opened the door",
      released: "Lock released",
      other: "Done",
    },
    refusal: {
      "unknown-subject": "The gate does not know this door",
      "nothing-to-do": "There was nothing to do",
      "clock-in-doubt": "The gate is unsure of the time and did nothing",
      interrupted: "The gate restarted in the middle; it does nothing twice",
      "not-supported": "This gate cannot do that yet",
      "input-still-on": "The fire input is still on: it cannot be reset",
    },
  },
};

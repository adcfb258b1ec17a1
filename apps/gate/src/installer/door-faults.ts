import type { ReaderId } from "@menshen/domain";
import type { SelfTestFault } from "@menshen/wire";
import type { InputConfig, PortalConfig } from "../config.ts";
import type { GivenCommand } from "../door/door-machine.ts";
import type { Portal } from "../door/portal.ts";
import type { InputHistory } from "./input-history.ts";

/** What the tests of a door need of its gate. */
export interface DoorWires {
  readonly history: InputHistory;
  readonly isThere: (readerId: ReaderId) => boolean;
  /** The outputs of a unit read back, 1 for an energised one; undefined if it does not answer. */
  readonly readOutputs: (readerId: ReaderId) => Promise<readonly number[] | undefined>;
  readonly wait: (ms: number) => Promise<void>;
}

/** Long enough to be heard and read back, too short to walk in unseen. */
const RELAY_MS = 1_000;
const READ_BACK_AFTER_MS = 300;
/** From there until the unit has certainly let go by itself. */
const LET_GO_MS = 1_200;

/**
 * Drives a relay for a moment and reads it back before, meanwhile and after.
 *
 * @returns undefined where nothing can be tested: the unit is not there, does not tell its outputs, or the door is
 *   released anyway
 */
export async function testRelay(
  { lock }: Pick<PortalConfig, "lock">,
  portal: Portal,
  given: GivenCommand,
  wires: DoorWires,
): Promise<"followed" | "stuck" | "not-answering" | undefined> {
  if (lock.kind !== "osdp-output" || !wires.isThere(lock.readerId)) return undefined;
  if (portal.isStanding() || portal.status().lock === "unlocked") return undefined;
  const read = async () => (await wires.readOutputs(lock.readerId))?.[lock.output];
  const before = await read();
  if (before === undefined) return undefined;
  const answered = await portal.commanded(given, RELAY_MS).answered;
  if (answered !== true) return "not-answering";
  await wires.wait(READ_BACK_AFTER_MS);
  const meanwhile = await read();
  await wires.wait(LET_GO_MS);
  const after = await read();
  return before === 0 && meanwhile === 1 && after === 0 ? "followed" : "stuck";
}

/** Whether an input says what it is there to say: door open, button pressed, fire. Undefined if its unit never told it. */
export function isTriggered(input: InputConfig, history: InputHistory): boolean | undefined {
  const closed = history.isClosed(input.readerId, input.input);
  return closed === undefined ? undefined : closed !== input.normallyClosed;
}

/**
 * The contact of a door that a person said is closed. It says open: if it has ever changed its circuit works, so it
 * works the wrong way round; if not, nothing tells an inverted contact from a cut wire or from a door that is not shut.
 */
export function contactFault(contact: InputConfig, history: InputHistory): SelfTestFault | undefined {
  const open = isTriggered(contact, history);
  if (open !== true) return open === undefined ? "input-missing" : undefined;
  return history.changes(contact.readerId, contact.input) >= 2 ? "contact-inverted" : "contact-open";
}

/** The sensor of a turnstile that nobody goes through. */
export function passageFault(passage: InputConfig, history: InputHistory): SelfTestFault | undefined {
  const busy = isTriggered(passage, history);
  if (busy === undefined) return "input-missing";
  return busy ? "passage-blocked" : undefined;
}

/** A button that nobody presses. A cut wire cannot close a circuit, a short one cannot open it. */
export function exitFault(exit: InputConfig, history: InputHistory): SelfTestFault | undefined {
  const pressed = isTriggered(exit, history);
  if (pressed !== true) return pressed === undefined ? "input-missing" : undefined;
  return exit.normallyClosed ? "exit-cut" : "exit-shorted";
}

export function fireFault(fire: InputConfig | undefined, history: InputHistory): SelfTestFault | undefined {
  if (fire === undefined) return "no-fire-input";
  const on = isTriggered(fire, history);
  if (on === undefined) return "no-fire-input";
  return on ? "fire-input-on" : undefined;
}

import { randomBytes } from "@menshen/crypto/node";
import type { ReaderId } from "@menshen/domain";
import { systemTimers, type Timers } from "@menshen/osdp";
import type { SelfTestReport, TestWire, WireState } from "@menshen/wire";
import type { InputConfig } from "../config.ts";
import type { GivenCommand } from "../door/door-machine.ts";
import type { GateReaders } from "../gate-readers.ts";
import type { Indication } from "../readers/indications.ts";
import { type DoorWires, isTriggered, testRelay } from "./door-faults.ts";
import type { InputHistory } from "./input-history.ts";
import { runSelfTest, type SelfTestParts } from "./self-test.ts";

/** How the test of a wire went; `refused` says why there is nothing to test. */
export type WireTestStep =
  | { readonly kind: "state"; readonly state: WireState }
  | { readonly kind: "no-answer" }
  | { readonly kind: "refused"; readonly why: "unknown-subject" | "nothing-to-do" | "busy" };

/** What a gate does for an installer, whoever asked: the server, or a person at the gate. */
export interface InstallerDesk {
  /** Whether a self-test has the lines. */
  readonly isBusy: boolean;
  /** Never rejects for what it finds. @returns undefined while another one runs */
  selfTest(given?: GivenCommand): Promise<SelfTestReport> | undefined;
  /** Lets a reader, or all, be seen and heard. @returns whether they took it; undefined: no such reader */
  find(readerId: string | undefined): Promise<boolean | undefined>;
  /** Tries one wire and says each step, the last one when nothing more is to come. Resolves then. */
  testWire(
    wire: TestWire,
    subject: string,
    given: GivenCommand,
    step: (step: WireTestStep) => void,
  ): Promise<void>;
  /** @returns why not, if not */
  openInstallWindow(readerId: string, forMs: number): "unknown-subject" | "only-at-the-gate" | undefined;
}

/** How long a person may take to a door and back. */
const WATCH_MS = 60_000;
const LOOK_MS = 100;

export function makeInstallerDesk(
  parts: Omit<SelfTestParts, "buses" | "wires"> & {
    readonly readers: Pick<GateReaders, "buses" | "history" | "readOutputs" | "tell" | "openInstallWindow">;
    readonly timers?: Timers;
    /** A self-test is over. */
    readonly tested?: (report: SelfTestReport) => void;
  },
): InstallerDesk {
  const { readers, states, config, timers = systemTimers } = parts;
  const { history } = readers;
  let isBusy = false;

  const wait = (ms: number) => new Promise<void>((resolve) => timers.set(ms, resolve));
  const wires: DoorWires = {
    history,
    isThere: (readerId) => states.of(readerId).online,
    readOutputs: readers.readOutputs,
    wait,
  };
  const allReaders = () => readers.buses().flatMap((bus) => bus.readers);

  async function selfTest(given: GivenCommand): Promise<SelfTestReport> {
    isBusy = true;
    try {
      const report = await runSelfTest({ ...parts, buses: readers.buses, wires }, given);
      parts.tested?.(report);
      return report;
    } finally {
      isBusy = false;
    }
  }

  async function tellReader(
    subject: string,
    indication: Indication,
    step: (step: WireTestStep) => void,
  ): Promise<void> {
    const reader = allReaders().find(({ readerId, role }) => readerId === subject && role === "reader");
    if (reader === undefined) return step({ kind: "refused", why: "unknown-subject" });
    const took = await readers.tell(reader.readerId, indication);
    step(took ? { kind: "state", state: "told" } : { kind: "no-answer" });
  }

  /** Until `read` has left its rest and come back, or a person has had long enough. */
  async function watch(
    read: () => { readonly changes: number; readonly atRest: boolean },
    step: (step: WireTestStep) => void,
  ): Promise<void> {
    const before = read();
    step({ kind: "state", state: "watching" });
    const endsMs = timers.now() + WATCH_MS;
    while (timers.now() < endsMs && read().changes < before.changes + 2) await wait(LOOK_MS);
    const seen = read().changes > before.changes;
    step({ kind: "state", state: seen ? (before.atRest ? "seen" : "wrong-way") : "not-seen" });
  }

  const inputReading = (input: InputConfig, of: InputHistory) => () => ({
    changes: of.changes(input.readerId, input.input),
    atRest: isTriggered(input, of) === false,
  });

  function tamperReading(readerId: ReaderId) {
    let last = states.of(readerId).tamper;
    let changes = 0;
    return () => {
      const { tamper } = states.of(readerId);
      if (tamper !== last) changes += 1;
      last = tamper;
      return { changes, atRest: !tamper };
    };
  }

  async function testDoorWire(
    wire: "lock" | "contact" | "exit",
    subject: string,
    given: GivenCommand,
    step: (step: WireTestStep) => void,
  ): Promise<void> {
    const door = config.portals.find(({ portalId }) => portalId === subject);
    const portal = parts.portals().find(({ portalId }) => portalId === subject);
    if (door === undefined || portal === undefined) {
      return step({ kind: "refused", why: "unknown-subject" });
    }
    if (wire === "lock") {
      const outcome = await testRelay(door, portal, given, wires);
      if (outcome === undefined) step({ kind: "refused", why: "nothing-to-do" });
      else if (outcome === "not-answering") step({ kind: "no-answer" });
      else step({ kind: "state", state: outcome });
      return;
    }
    const input = wire === "contact" ? door.contact : door.exitButton;
    if (input === undefined) return step({ kind: "refused", why: "nothing-to-do" });
    if (history.isClosed(input.readerId, input.input) === undefined) return step({ kind: "no-answer" });
    portal.commanded(given);
    await watch(inputReading(input, history), step);
  }

  return {
    get isBusy() {
      return isBusy;
    },
    selfTest: (given = { commandId: randomBytes(16), kind: "self-test" }) =>
      isBusy ? undefined : selfTest(given),
    async find(readerId) {
      const wanted = allReaders().filter(
        (reader) => reader.role === "reader" && (readerId === undefined || reader.readerId === readerId),
      );
      if (wanted.length === 0) return undefined;
      const took = await Promise.all(wanted.map((reader) => readers.tell(reader.readerId, { kind: "here" })));
      return took.some((one) => one);
    },
    async testWire(wire, subject, given, step) {
      if (isBusy) return step({ kind: "refused", why: "busy" });
      switch (wire) {
        case "led":
          return tellReader(subject, { kind: "lamp-test" }, step);
        case "sound":
          return tellReader(subject, { kind: "sound-test" }, step);
        case "tamper": {
          const reader = allReaders().find(({ readerId }) => readerId === subject);
          if (reader === undefined) return step({ kind: "refused", why: "unknown-subject" });
          return watch(tamperReading(reader.readerId), step);
        }
        default:
          return testDoorWire(wire, subject, given, step);
      }
    },
    openInstallWindow(readerId, forMs) {
      const reader = allReaders().find((candidate) => candidate.readerId === readerId);
      if (reader === undefined) return "unknown-subject";
      if (reader.secureChannel !== "install") return "only-at-the-gate";
      readers.openInstallWindow(reader.readerId, forMs);
      return undefined;
    },
  };
}

import {
  type CommandMessage,
  type CommandRefusal,
  type CommandResult,
  INSTALLER_COMMAND_KINDS,
  type SelfTestReport,
  uuidBytes,
  uuidText,
} from "@menshen/wire";
import type { InstallerDesk, WireTestStep } from "./installer-desk.ts";

type Outcome = Omit<CommandResult, "version" | "gateId" | "commandId">;

/** Whether a command is an installer's. */
export function isInstallers(kind: CommandMessage["kind"]): kind is (typeof INSTALLER_COMMAND_KINDS)[number] {
  return INSTALLER_COMMAND_KINDS.some((known) => known === kind);
}

/**
 * Carries out an installer's command; `conclude` hears each thing that is known, the last one last.
 *
 * @returns resolves when the first is known; the rest may take as long as a person at a door does
 */
export async function carryOutForInstaller(
  command: CommandMessage,
  desk: InstallerDesk,
  conclude: (outcome: Outcome) => Promise<void>,
): Promise<void> {
  const { commandId, kind } = command;
  const subject = command.subject === undefined ? undefined : uuidText(command.subject);
  const given = { commandId, kind };
  switch (kind) {
    case "self-test": {
      const report = desk.selfTest(given);
      if (report === undefined) return conclude(refused("busy"));
      await conclude({ outcome: "done", report: { isRunning: true, tested: 0, faults: [] } });
      void report.then(
        (found) => conclude({ outcome: "done", report: onWire(found) }),
        () =>
          conclude({
            outcome: "done",
            report: { isRunning: false, tested: 0, faults: [{ code: "not-tested" }] },
          }),
      );
      return;
    }
    case "find": {
      const took = await desk.find(subject);
      if (took === undefined) return conclude(refused("unknown-subject"));
      return conclude({ outcome: took ? "done" : "no-effect" });
    }
    case "install-window": {
      if (subject === undefined || command.forMs === undefined) return conclude(refused("unknown-subject"));
      const whyNot = desk.openInstallWindow(subject, command.forMs);
      return conclude(whyNot === undefined ? { outcome: "done" } : refused(whyNot));
    }
    default: {
      const { wire } = command;
      if (subject === undefined || wire === undefined) return conclude(refused("unknown-subject"));
      // One after the other: what comes later is the newest word.
      let told: Promise<void> = Promise.resolve();
      await new Promise<void>((resolve) => {
        void desk.testWire(wire, subject, given, (step) => {
          told = told.then(() => conclude(outcomeOf(step)));
          void told.then(resolve);
        });
      });
    }
  }
}

/** What a stored result means after a restart: a test that was under way then will never end. */
export function isUnderWay({ report, wire }: CommandResult): boolean {
  return report?.isRunning === true || wire === "watching";
}

function outcomeOf(step: WireTestStep): Outcome {
  switch (step.kind) {
    case "state":
      return { outcome: "done", wire: step.state };
    case "no-answer":
      return { outcome: "no-effect" };
    case "refused":
      return refused(step.why);
  }
}

function onWire({ isRunning, tested, faults }: SelfTestReport): NonNullable<CommandResult["report"]> {
  return {
    isRunning,
    tested,
    faults: faults.map(({ subject, ...fault }) => ({
      ...fault,
      ...(subject === undefined ? {} : { subject: uuidBytes(subject) }),
    })),
  };
}

function refused(refusal: CommandRefusal): Outcome {
  return { outcome: "refused", refusal };
}

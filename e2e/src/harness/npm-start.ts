import { readFileSync } from "node:fs";
import {
  type Api,
  eventually,
  killRun,
  processesIn,
  processesOfRun,
  type RunningProcess,
  startProcess,
} from "@menshen/testkit/system";
import { demoEndpoints, type EventItem, eventEndpoints } from "@menshen/wire";
import { strangersEnvironment, type User } from "./checkout.ts";

const START_MS = 120_000;

/** The processes of `npm start` that can be killed one by one. npm runs its scripts under the Node it installed. */
type Part = "terminal" | "npm" | "shell" | "starter";

const COMMANDS: Readonly<Record<Exclude<Part, "terminal">, RegExp>> = {
  npm: /^npm start\b/,
  shell: /^sh -c .*\bmenshen\.js demo$/,
  starter: /^node .*\bmenshen\.js demo$/,
};

/** Where somebody types `npm start`. */
export interface Seat {
  readonly runId: string;
  readonly checkout: string;
  readonly home: string;
  readonly user?: User;
}

/** `npm start` in a terminal of its own. */
export interface NpmStart {
  readonly terminal: RunningProcess;
  /** Types into the terminal. */
  type(keys: string): void;
  kill(part: Part, signal: NodeJS.Signals): void;
  /** Resolves with the sign-in link that it shows when people live. */
  link(): Promise<string>;
  /** Resolves with the link for an officer of the city that it shows beside. */
  officerLink(): Promise<string>;
}

/**
 * Types `npm start` at a pseudo-terminal. The kernel treats it like any other: control characters become signals to
 * the foreground group, and its end is a hang-up.
 */
export function npmStart(seat: Seat): NpmStart {
  const terminal = startProcess("socat", ["STDIO", "EXEC:npm start,pty,setsid,ctty,stderr"], {
    runId: seat.runId,
    cwd: seat.checkout,
    env: strangersEnvironment(seat.home),
    bare: true,
    ...seat.user,
  });
  const shown = async (link: RegExp) => (await terminal.waitForOutput(link, START_MS))[1] ?? "";
  return {
    terminal,
    type: (keys) => void terminal.child.stdin?.write(keys),
    kill(part, signal) {
      const pid =
        part === "terminal"
          ? terminal.pid
          : processesOfRun(seat.runId).find(({ command }) => COMMANDS[part].test(command))?.pid;
      if (pid === undefined) throw new Error(`no process is the ${part}`);
      process.kill(pid, signal);
    },
    link: () => shown(/(http:\/\/localhost:\d+\/sign-in#code=\S+)[\s\S]*Ctrl-C/),
    officerLink: () => shown(/(http:\/\/localhost:\d+\/#\/sign-in\?code=\S+)[\s\S]*Ctrl-C/),
  };
}

/**
 * Resolves when no process is left but the terminal, neither of the run nor in the folders; says which, if some are. A
 * terminal stays open when its program ends; it is closed then.
 */
export async function nothingLeft(seat: Seat, folders: readonly string[], limitMs: number): Promise<void> {
  const left = () => [
    ...processesOfRun(seat.runId)
      .filter(({ command }) => !command.startsWith("socat "))
      .map(({ pid, command }) => `${pid} ${command}`),
    ...folders.flatMap((folder) => processesIn(folder).filter((pid) => nameOf(pid) !== "socat")).map(String),
  ];
  await eventually("no process is left", limitMs, () => left().length === 0).catch((error: unknown) => {
    throw new Error(`left: ${left().join("\n")}`, { cause: error });
  });
  killRun(seat.runId);
}

/** Empty for a process that has ended meanwhile. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

/** How long somebody looks at a door that stays shut before they hold their card there again. */
const AGAIN_MS = 3_000;

/**
 * Nobody else comes, and somebody holds their card to the reader of the first door, again if need be; resolves with the
 * stored event.
 */
export async function openFirstDoor(api: Api, limitMs: number): Promise<EventItem> {
  await api.call(demoEndpoints.pace, { body: { perMinute: 0 } });
  const since = Date.now();
  const { people, doors } = await api.call(demoEndpoints.state, {});
  const door = doors[0];
  const person = people.find(({ cards }) => cards[0]?.kind === "desfire");
  const accessPointId = door?.accessPoints[0]?.accessPointId;
  if (door === undefined || accessPointId === undefined || person === undefined) {
    throw new Error("the demonstration has no door or nobody with a card");
  }
  const card = { personId: person.personId, accessPointId, as: "own" } as const;
  const query = { portalId: door.portalId } as const;
  let heldAtMs = Number.NEGATIVE_INFINITY;
  let seen: readonly EventItem[] = [];
  let opened: EventItem | undefined;
  await eventually("the door opened and the server knows", limitMs, async () => {
    if (performance.now() - heldAtMs > AGAIN_MS) {
      heldAtMs = performance.now();
      await api.call(demoEndpoints.present, { body: card });
    }
    seen = (await api.call(eventEndpoints.list, { query })).items;
    opened = seen.find(
      ({ kind, granted, credentialKind, earliestAt }) =>
        kind === "access" && granted === true && credentialKind === "desfire" && earliestAt >= since,
    );
    return opened !== undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; last: ${JSON.stringify(seen.slice(0, 5))}`, { cause: error });
  });
  if (opened === undefined) throw new Error("no event");
  return opened;
}

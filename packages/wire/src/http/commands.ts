import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, PageFields, pageOf, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { INSTALLER_COMMAND_KINDS, SelfTestReport, TEST_WIRES, WIRE_STATES } from "./gate-tests.ts";

const closed = { additionalProperties: false };

/**
 * What can be told to a gate for this moment; each expires and is never carried out late. `unlock` releases a door as a
 * grant does, whatever its mode or a lockdown says; `silence` ends the sounds at it; `relay-test` drives the lock for a
 * moment to see whether it answers; `fire-reset` ends a latched fire release whose input is off; `forgive` lets the
 * rules of areas know nothing of where somebody was; `set-count` says how many are in an area; `call-heard` lets the screen
 * at a door tell whoever called there that a guard knows. Of the installer's, `self-test` names what is wrong at a gate,
 * `find` makes readers blink, `wire-test` tries one wire, `install-window` lets a new reader take its key.
 */
export const COMMAND_KINDS = [
  "unlock",
  "silence",
  "relay-test",
  "fire-reset",
  "forgive",
  "set-count",
  "call-heard",
  ...INSTALLER_COMMAND_KINDS,
] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/**
 * `waiting`: for its gate, which is not connected; `sent`: no answer yet; `done`: carried out, and the lock answered
 * where it has one; `no-effect`: carried out and the lock did not answer; `refused` (see `refusal`) or `late`: the gate
 * did nothing; `interrupted`: the gate stopped in the middle and does not know what the lock did; `unanswered`: the time
 * is over without a word, and what the gate did is not known.
 */
export const COMMAND_STATES = [
  "waiting",
  "sent",
  "done",
  "no-effect",
  "refused",
  "late",
  "interrupted",
  "unanswered",
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/**
 * Why a gate refuses. `cannot-store`: it could not make sure that it does this once only; `busy`: a self-test has the
 * lines; `only-at-the-gate`: its configuration wants a person there; `gone`: it knows no more whom it refused then.
 */
export const COMMAND_REFUSALS = [
  "unknown-subject",
  "nothing-to-do",
  "clock-in-doubt",
  "cannot-store",
  "not-supported",
  "input-still-on",
  "busy",
  "only-at-the-gate",
  "gone",
] as const;
export type CommandRefusal = (typeof COMMAND_REFUSALS)[number];

export const CommandItem = Type.Object({
  id: Uuid,
  kind: Type.Enum([...COMMAND_KINDS]),
  gateId: Uuid,
  gateName: Type.String(),
  /** For `unlock`, `silence`, `relay-test`, `fire-reset`. */
  portalId: Type.Optional(Uuid),
  portalName: Type.Optional(Type.String()),
  /** For `set-count`, with the count. */
  areaId: Type.Optional(Uuid),
  areaName: Type.Optional(Type.String()),
  /** For `call-heard`: the screen; for an installer's command that is about one reader. */
  readerId: Type.Optional(Uuid),
  /** For `forgive` from the guard's screen: the event with the refusal, of this gate. */
  sequence: Type.Optional(Type.Integer()),
  count: Type.Optional(Type.Integer()),
  unlockMs: Type.Optional(Type.Integer()),
  /** For `wire-test`: which, and how far it is. */
  wire: Type.Optional(Type.Enum([...TEST_WIRES])),
  wireState: Type.Optional(Type.Enum([...WIRE_STATES])),
  /** For `self-test`. */
  report: Type.Optional(SelfTestReport),
  /** The member of staff, and their reason: its code and what they wrote. */
  requestedBy: Type.String(),
  reasonCode: Type.String(),
  reasonText: Type.Optional(Type.String()),
  requestedAt: EpochMs,
  expiresAt: EpochMs,
  state: Type.Enum([...COMMAND_STATES]),
  refusal: Type.Optional(Type.Enum([...COMMAND_REFUSALS])),
  answeredAt: Type.Optional(EpochMs),
  /** What the gate saw. `opened`: the door was opened while released; absent as long as it may still be, and where no contact tells. */
  lock: Type.Optional(Type.Enum(["locked", "unlocked", "fault"])),
  opened: Type.Optional(Type.Boolean()),
});
export type CommandItem = Static<typeof CommandItem>;

/** Those that are about one door. */
export const PORTAL_COMMAND_KINDS = ["unlock", "silence", "relay-test", "fire-reset"] as const;
export type PortalCommandKind = (typeof PORTAL_COMMAND_KINDS)[number];

export const PortalCommand = Type.Object(
  { kind: Type.Enum([...PORTAL_COMMAND_KINDS]), portalId: Uuid },
  closed,
);
export type PortalCommand = Static<typeof PortalCommand>;

export const commandEndpoints = {
  list: endpoint({
    id: "listCommands",
    method: "GET",
    path: `${API_BASE}/commands`,
    tag: "commands",
    summary: "commands and what became of them, newest first",
    query: Type.Object({ ...PageFields, portalId: Type.Optional(Uuid) }, closed),
    response: pageOf(CommandItem),
  }),
  get: endpoint({
    id: "getCommand",
    method: "GET",
    path: `${API_BASE}/commands/:id`,
    tag: "commands",
    summary: "one command and what became of it",
    params: IdParams,
    response: CommandItem,
  }),
  give: endpoint({
    id: "giveCommand",
    method: "POST",
    path: `${API_BASE}/commands`,
    tag: "commands",
    summary: "tell a gate something about a door for this moment; the live stream tells what became of it",
    body: PortalCommand,
    response: CommandItem,
    status: 201,
    reason: "required",
  }),
  forgive: endpoint({
    id: "forgivePerson",
    method: "POST",
    path: `${API_BASE}/commands/forgive`,
    tag: "commands",
    summary: "let the rules of areas forget where somebody was; who it was is not kept",
    body: Type.Object({ personId: Uuid }, closed),
    response: CommandItem,
    status: 201,
    reason: "required",
  }),
  forgiveAtDoor: endpoint({
    id: "forgiveAtDoor",
    method: "POST",
    path: `${API_BASE}/commands/forgive-at-door`,
    tag: "commands",
    summary:
      "let the rules of areas forget where somebody was whom a gate refused within ten minutes; the gate alone knows who",
    body: Type.Object({ gateId: Uuid, sequence: Type.Integer({ minimum: 1 }) }, closed),
    response: CommandItem,
    status: 201,
    reason: "required",
  }),
  setCount: endpoint({
    id: "setAreaCount",
    method: "POST",
    path: `${API_BASE}/commands/set-count`,
    tag: "commands",
    summary: "say how many persons are in an area",
    body: Type.Object({ areaId: Uuid, count: Type.Integer({ minimum: 0, maximum: 100_000 }) }, closed),
    response: CommandItem,
    status: 201,
    reason: "required",
  }),
} as const;

import Type, { type Static } from "typebox";
import { CommandItem } from "./commands.ts";
import { API_BASE, EpochMs, GradeLetter, IdParams, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { SelfTestReport, TEST_WIRES } from "./gate-tests.ts";
import { Gate, HealthFinding } from "./gates.ts";

const closed = { additionalProperties: false };

/** An OSDP device has at most 256 inputs and outputs; real ones have fewer than ten. */
const Index = Type.Integer({ minimum: 0, maximum: 255 });
const WiredLock = Type.Union([
  /** A relay of an indoor unit or, worse, of a reader. */
  Type.Object({ readerId: Uuid, output: Index }, closed),
  /** A lift: indoor units whose relays, counted through from the first unit's first, free its floors. */
  Type.Object(
    {
      units: Type.Array(
        Type.Object({ readerId: Uuid, outputs: Type.Integer({ minimum: 1, maximum: 64 }) }, closed),
        { minItems: 1, maxItems: 16 },
      ),
    },
    closed,
  ),
]);
const LineId = Type.String({ pattern: "^[A-Za-z0-9_-]{1,32}$" });

const WiredInput = Type.Object(
  { readerId: Uuid, input: Index, normallyClosed: Type.Boolean({ description: "closed circuit at rest" }) },
  closed,
);

/** What hangs where on a gate: what its configuration file says, kept so that another box can take its place. */
export const GateWiring = Type.Object(
  {
    lines: Type.Array(
      Type.Object(
        {
          id: LineId,
          /** As a gate opens it: a serial port's path, `tcp:HOST:PORT`, `unix:PATH`. */
          transport: Type.String({ minLength: 1, maxLength: 200 }),
          baud: Type.Optional(Type.Integer({ minimum: 1_200, maximum: 921_600 })),
        },
        closed,
      ),
      { maxItems: 16 },
    ),
    /** Readers and indoor units on lines, by address. */
    readers: Type.Array(
      Type.Object(
        { readerId: Uuid, lineId: LineId, address: Type.Integer({ minimum: 0, maximum: 126 }) },
        closed,
      ),
      { maxItems: 256 },
    ),
    /** PC/SC readers in the gate's own box, by the name that its system gives them. */
    plugged: Type.Array(
      Type.Object({ readerId: Uuid, readerName: Type.String({ minLength: 1, maxLength: 200 }) }, closed),
      { maxItems: 16 },
    ),
    portals: Type.Array(
      Type.Object(
        {
          portalId: Uuid,
          lock: WiredLock,
          contact: Type.Optional(WiredInput),
          /** The sensor of a turnstile or barrier: active while somebody goes through. */
          passage: Type.Optional(WiredInput),
          exitButton: Type.Optional(WiredInput),
          fireInput: Type.Optional(WiredInput),
        },
        closed,
      ),
      { maxItems: 256 },
    ),
  },
  closed,
);
export type GateWiring = Static<typeof GateWiring>;

/**
 * What was observed of a wire: `answered` the reader took the order; `followed` and `stuck` the relay, read back;
 * `watching` the gate looks at an input from now on; `seen` and `wrong-way` one that left its rest and came back;
 * `not-seen` one that did not; `opened` the door, while its lock was tried; `not-done` the gate did nothing; `elsewhere`
 * another door or reader of the gate was seen instead; `person` and `person-not` what somebody standing there said.
 */
export const WIRE_OBSERVATIONS = [
  "answered",
  "followed",
  "stuck",
  "watching",
  "seen",
  "wrong-way",
  "not-seen",
  "opened",
  "not-done",
  "elsewhere",
  "person",
  "person-not",
] as const;
export type WireObservation = (typeof WIRE_OBSERVATIONS)[number];

/** `under-way`: begun, and not everything that must be observed was; `ask`: somebody there must say what they see. */
export const WIRE_TEST_STATES = ["not-wired", "untested", "under-way", "ask", "passed", "failed"] as const;
export type WireTestState = (typeof WIRE_TEST_STATES)[number];

export const WireTest = Type.Object({
  wire: Type.Enum([...TEST_WIRES]),
  state: Type.Enum([...WIRE_TEST_STATES]),
  /** Of the last test; absent for one never tested. */
  testId: Type.Optional(Uuid),
  startedAt: Type.Optional(EpochMs),
  endedAt: Type.Optional(EpochMs),
  testedBy: Type.Optional(Type.String()),
  observed: Type.Array(Type.Enum([...WIRE_OBSERVATIONS])),
  /** Names of the other doors or readers where it was seen: wires that are swapped. */
  elsewhere: Type.Array(Type.String()),
});
export type WireTest = Static<typeof WireTest>;

/** What keeps a door from a better grade, worst first; each says what would raise it. */
export const GRADE_LIMITS = [
  "reader-not-served",
  "lock-on-reader",
  "reader-plugged-in",
  "gate-without-tpm",
] as const;
export type GradeLimit = (typeof GRADE_LIMITS)[number];

export const DoorGrade = Type.Object({
  /** The best that an opening here can have, whatever is presented; absent as long as no reader stands at the door. */
  best: Type.Optional(GradeLetter),
  limits: Type.Array(Type.Object({ code: Type.Enum([...GRADE_LIMITS]), allows: Type.Optional(GradeLetter) })),
});
export type DoorGrade = Static<typeof DoorGrade>;

export const InstalledReader = Type.Object({
  readerId: Uuid,
  name: Type.String(),
  kind: Type.Enum(["osdp", "pcsc", "kiosk", "io", "desk"]),
  accessPointId: Type.Optional(Uuid),
  /** `unknown`: its gate does not say, or is not connected. */
  found: Type.Enum(["yes", "no", "unknown"]),
  /** `install`: it talks under the published install key, in a window that somebody opened; `none`: it waits for a key. */
  channel: Type.Enum(["own-key", "install", "none", "unknown"]),
  tests: Type.Array(WireTest),
});
export type InstalledReader = Static<typeof InstalledReader>;

export const InstalledDoor = Type.Object({
  portalId: Uuid,
  name: Type.String(),
  accessPoints: Type.Array(Type.Object({ id: Uuid, name: Type.String(), minimumGrade: GradeLetter })),
  grade: DoorGrade,
  tests: Type.Array(WireTest),
});
export type InstalledDoor = Static<typeof InstalledDoor>;

/**
 * The journal of a gate whose place another took. What is behind `lastSequence` is only on the old disk: it is handed over
 * from there until `until`, or lost with it.
 */
export const OldJournal = Type.Object({
  replacedAt: EpochMs,
  /** Where the server's copy ended when the old box was shut out, and where it ends now. */
  storedUpTo: Type.Integer({ minimum: 0 }),
  lastSequence: Type.Integer({ minimum: 0 }),
  /** How many entries the old box last said it had not sent; absent if it never said. */
  saidWaiting: Type.Optional(Type.Integer({ minimum: 0 })),
  /** How many came from its disk. */
  handedOver: Type.Integer({ minimum: 0 }),
  handedOverAt: Type.Optional(EpochMs),
  until: EpochMs,
  /** Somebody said that the disk cannot be read any more. */
  diskLost: Type.Optional(Type.Object({ at: EpochMs, by: Type.String() })),
});
export type OldJournal = Static<typeof OldJournal>;

/** How far the installing of one gate is, from what is stored and seen: whoever opens it again goes on where it stands. */
export const Installation = Type.Object({
  gate: Gate,
  wiring: GateWiring,
  /** 0 before the first was stored. */
  wiringRevision: Type.Integer(),
  doors: Type.Array(InstalledDoor),
  readers: Type.Array(InstalledReader),
  findings: Type.Array(HealthFinding),
  /** The last self-test that the gate answered, with the names of what it found something at. */
  selfTest: Type.Optional(
    Type.Object({
      at: EpochMs,
      report: SelfTestReport,
      /** By id. */
      names: Type.Record(Type.String(), Type.String()),
    }),
  ),
  /** The box whose place this one took. */
  replaces: Type.Optional(Uuid),
  /** What became of that box's records. */
  oldJournal: Type.Optional(OldJournal),
});
export type Installation = Static<typeof Installation>;

const GateParams = Type.Object({ gateId: Uuid }, closed);

export const installerEndpoints = {
  get: endpoint({
    id: "getInstallation",
    method: "GET",
    path: `${API_BASE}/installations/:gateId`,
    tag: "installer",
    summary: "how far the installing of a gate is",
    params: GateParams,
    response: Installation,
  }),
  setWiring: endpoint({
    id: "setGateWiring",
    method: "PUT",
    path: `${API_BASE}/installations/:gateId/wiring`,
    tag: "installer",
    summary: "say what hangs where on a gate; refused if `revision` is not the newest",
    params: GateParams,
    body: Type.Object({ wiring: GateWiring, revision: Type.Integer({ minimum: 0 }) }, closed),
    response: Installation,
  }),
  configuration: endpoint({
    id: "makeGateConfiguration",
    method: "POST",
    path: `${API_BASE}/installations/:gateId/configuration`,
    tag: "installer",
    summary:
      "the gate's configuration file; for a gate that is new with a one-time code, which voids the one before",
    params: GateParams,
    response: Type.Object({
      fileName: Type.String(),
      /** JSON. Whoever has it may enrol as this gate until `codeUntil`. */
      text: Type.String(),
      code: Type.Optional(Type.String()),
      codeUntil: Type.Optional(EpochMs),
    }),
  }),
  startTest: endpoint({
    id: "startWireTest",
    method: "POST",
    path: `${API_BASE}/installations/:gateId/tests`,
    tag: "installer",
    summary: "begin to test one wire; an output is driven at once, an input is watched for a while",
    params: GateParams,
    body: Type.Object(
      { wire: Type.Enum([...TEST_WIRES]), subjectId: Uuid },
      { ...closed, description: "subjectId: the door, or for LED, sound and tamper the reader" },
    ),
    response: Installation,
    status: 201,
    reason: "required",
  }),
  answerTest: endpoint({
    id: "answerWireTest",
    method: "POST",
    path: `${API_BASE}/wire-tests/:id/answer`,
    tag: "installer",
    summary: "say what is seen or heard there; `seen: false` ends the test as failed",
    params: IdParams,
    body: Type.Object({ seen: Type.Boolean() }, closed),
    response: Installation,
  }),
  command: endpoint({
    id: "giveInstallerCommand",
    method: "POST",
    path: `${API_BASE}/installations/:gateId/commands`,
    tag: "installer",
    summary:
      "run the self-test, let readers blink, or let a new reader take its key; somebody at the door confirms",
    params: GateParams,
    body: Type.Object(
      { kind: Type.Enum(["self-test", "find", "install-window"]), readerId: Type.Optional(Uuid) },
      { ...closed, description: "readerId: for `find` (none: all) and `install-window`" },
    ),
    response: CommandItem,
    status: 201,
    reason: "required",
  }),
  replace: endpoint({
    id: "replaceGate",
    method: "POST",
    path: `${API_BASE}/installations/:gateId/replacement`,
    tag: "installer",
    summary:
      "another box takes a gate's place: doors, readers, wiring and rules go over, the old one is shut out for good",
    params: GateParams,
    response: Installation,
    status: 201,
    reason: "required",
  }),
  diskLost: endpoint({
    id: "sayDiskLost",
    method: "POST",
    path: `${API_BASE}/installations/:gateId/disk-lost`,
    tag: "installer",
    summary:
      "say of the box whose place this one took that its disk cannot be read: what the server does not hold of it is lost",
    params: GateParams,
    response: Installation,
    reason: "required",
  }),
} as const;

import { type CanonicalJson, canonicalJson } from "@menshen/domain";
import { malformed } from "../bytes.ts";
import { CustodyError } from "../errors.ts";
import { fields, isObject, line, list, parseJson, text, uuid, whole } from "../package-fields.ts";

const VERSION = 1;
const MAX_CHARACTERS = 4 * 1024 * 1024;
const MOST = 1_000;

/** A rule that spoke against the card, with what it weighed. */
export interface EvidenceSign {
  /** E.g. `R5`. */
  readonly rule: string;
  /** The rule in words. */
  readonly zh: string;
  readonly en: string;
  /** Hundredths of a unit; the holder is asked at 1,000 of all signs together. */
  readonly weightHundredths: number;
  readonly at: number;
  readonly gateId: string;
  readonly accessPointId: string;
  /** Of the tap; absent for a rule about a day. */
  readonly sequence?: number;
  /** What the rule was told, by name. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** What the community says of an event beside the gate's own word. */
export interface EvidenceEvent {
  readonly gateId: string;
  readonly sequence: number;
  /** By the server's clock. */
  readonly receivedAt: number;
  /** Which half of the forked card it is of, where they can be told apart. */
  readonly half?: "first" | "second";
  /** Place of the gate's signed batch in the package, from 1; absent: the event stands by its own signature alone. */
  readonly batch?: number;
}

/** A gate as the server knows it. */
export interface EvidenceGate {
  readonly id: string;
  readonly name: string;
  readonly software?: string;
  /** How far its clock was ahead of the server's and how sure that is, as arrivals show it. */
  readonly offsetMs?: number;
  readonly errorMs?: number;
  /** Jumps of its clock, entries out of order and entries that came twice. */
  readonly jumps?: number;
  readonly outOfOrder?: number;
  readonly duplicates?: number;
  /** What its journal says of its clock, around the events. */
  readonly clockEvents: readonly { readonly at: number; readonly event: string; readonly stepMs?: number }[];
}

/** Somebody who handled the case or its evidence. */
export interface CustodyLine {
  readonly at: number;
  /** E.g. `raised`, `assigned`, `package-made`. */
  readonly what: string;
  readonly by?: string;
  readonly step?: string;
  readonly reason?: string;
}

/** Everything the community says in an evidence package. Nobody is named in it but members of staff. */
export interface CaseRecord {
  readonly packageId: string;
  readonly communityId: string;
  readonly communityName: string;
  readonly timeZone: string;
  readonly madeAt: number;
  readonly madeBy: string;
  readonly reason: string;
  readonly case: {
    readonly id: string;
    readonly kind: string;
    readonly epoch: number;
    readonly openedAt: number;
    readonly reachedAt: number;
    readonly step: string;
    readonly scoreHundredths: number;
    /** Parts in a million. */
    readonly probabilityPpm: number;
    readonly closedAt?: number;
    readonly finding?: string;
  };
  readonly signs: readonly EvidenceSign[];
  readonly events: readonly EvidenceEvent[];
  readonly doors: readonly { readonly id: string; readonly name: string }[];
  readonly gates: readonly EvidenceGate[];
  /** Numbers of the rules that this community changed. */
  readonly tuned: Readonly<Record<string, string>>;
  readonly custody: readonly CustodyLine[];
}

/** The file `case.json`. Throws `CustodyError` `invalid-argument` for what {@link parseCaseRecord} would refuse. */
export function formatCaseRecord(record: CaseRecord): Uint8Array {
  // Leaves out members that are present and undefined, which canonical JSON refuses.
  const plain: { readonly [name: string]: CanonicalJson } = JSON.parse(JSON.stringify(record));
  const written = canonicalJson({ version: VERSION, ...plain });
  try {
    parseCaseRecord(written);
  } catch (cause) {
    throw new CustodyError("invalid-argument", "expected a record of a case within its limits", { cause });
  }
  return new TextEncoder().encode(written);
}

/**
 * Reads the form of a record, strictly.
 *
 * @throws {CustodyError} `malformed`, `unknown-version`
 */
export function parseCaseRecord(written: string): CaseRecord {
  const value = parseJson(written, MAX_CHARACTERS);
  if (!isObject(value)) throw malformed("no object where one belongs");
  if (typeof value.version === "number" && value.version !== VERSION) {
    throw new CustodyError("unknown-version", `expected version ${VERSION}, got ${value.version}`);
  }
  const found = fields(value, [
    ...["version", "packageId", "communityId", "communityName", "timeZone", "madeAt", "madeBy", "reason"],
    ...["case", "signs", "events", "doors", "gates", "tuned", "custody"],
  ]);
  return {
    packageId: uuid(found.packageId),
    communityId: uuid(found.communityId),
    communityName: line(found.communityName, 80),
    timeZone: line(found.timeZone, 80),
    madeAt: whole(found.madeAt),
    madeBy: line(found.madeBy, 200),
    reason: text(found.reason, 2_000),
    case: caseOf(found.case),
    signs: list(found.signs, MOST).map(signOf),
    events: list(found.events, MOST).map(eventOf),
    doors: list(found.doors, MOST).map((item) => {
      const { id, name } = fields(item, ["id", "name"]);
      return { id: uuid(id), name: line(name, 200) };
    }),
    gates: list(found.gates, MOST).map(gateOf),
    tuned: words(found.tuned),
    custody: list(found.custody, MOST).map(custodyOf),
  };
}

function caseOf(value: CanonicalJson | undefined): CaseRecord["case"] {
  const one = fields(
    value,
    ["id", "kind", "epoch", "openedAt", "reachedAt", "step", "scoreHundredths", "probabilityPpm"],
    ["closedAt", "finding"],
  );
  return {
    id: uuid(one.id),
    kind: line(one.kind, 40),
    epoch: whole(one.epoch),
    openedAt: whole(one.openedAt),
    reachedAt: whole(one.reachedAt),
    step: line(one.step, 40),
    scoreHundredths: integer(one.scoreHundredths),
    probabilityPpm: whole(one.probabilityPpm),
    ...maybe("closedAt", one.closedAt, whole),
    ...maybe("finding", one.finding, (finding) => line(finding, 40)),
  };
}

function signOf(value: CanonicalJson): EvidenceSign {
  const one = fields(
    value,
    ["rule", "zh", "en", "weightHundredths", "at", "gateId", "accessPointId", "inputs"],
    ["sequence"],
  );
  return {
    rule: line(one.rule, 20),
    zh: text(one.zh, 1_000),
    en: text(one.en, 1_000),
    weightHundredths: integer(one.weightHundredths),
    at: whole(one.at),
    gateId: uuid(one.gateId),
    accessPointId: uuid(one.accessPointId),
    inputs: words(one.inputs),
    ...maybe("sequence", one.sequence, whole),
  };
}

function eventOf(value: CanonicalJson): EvidenceEvent {
  const one = fields(value, ["gateId", "sequence", "receivedAt"], ["half", "batch"]);
  if (one.half !== undefined && one.half !== "first" && one.half !== "second")
    throw malformed("an unknown half");
  return {
    gateId: uuid(one.gateId),
    sequence: whole(one.sequence),
    receivedAt: whole(one.receivedAt),
    ...(one.half === undefined ? {} : { half: one.half }),
    ...maybe("batch", one.batch, whole),
  };
}

function gateOf(value: CanonicalJson): EvidenceGate {
  const one = fields(
    value,
    ["id", "name", "clockEvents"],
    ["software", "offsetMs", "errorMs", "jumps", "outOfOrder", "duplicates"],
  );
  return {
    id: uuid(one.id),
    name: line(one.name, 200),
    clockEvents: list(one.clockEvents, MOST).map((item) => {
      const { at, event, stepMs } = fields(item, ["at", "event"], ["stepMs"]);
      return { at: whole(at), event: line(event, 40), ...maybe("stepMs", stepMs, integer) };
    }),
    ...maybe("software", one.software, (software) => line(software, 64)),
    ...maybe("offsetMs", one.offsetMs, integer),
    ...maybe("errorMs", one.errorMs, whole),
    ...maybe("jumps", one.jumps, whole),
    ...maybe("outOfOrder", one.outOfOrder, whole),
    ...maybe("duplicates", one.duplicates, whole),
  };
}

function custodyOf(value: CanonicalJson): CustodyLine {
  const one = fields(value, ["at", "what"], ["by", "step", "reason"]);
  return {
    at: whole(one.at),
    what: line(one.what, 40),
    ...maybe("by", one.by, (by) => line(by, 200)),
    ...maybe("step", one.step, (step) => line(step, 40)),
    ...maybe("reason", one.reason, (reason) => text(reason, 2_000)),
  };
}

function maybe<const Name extends string, Value>(
  name: Name,
  value: CanonicalJson | undefined,
  parse: (value: CanonicalJson) => Value,
): { [_ in Name]?: Value } {
  const member: { [_ in Name]?: Value } = Object.create(Object.prototype);
  if (value !== undefined) Reflect.set(member, name, parse(value));
  return member;
}

function words(value: CanonicalJson | undefined): Readonly<Record<string, string>> {
  if (!isObject(value) || Object.keys(value).length > 40) throw malformed("no list of names and values");
  return Object.fromEntries(Object.entries(value).map(([name, said]) => [name, text(said, 200)]));
}

function integer(value: CanonicalJson | undefined): number {
  if (typeof value !== "number") throw malformed("no number");
  return value;
}

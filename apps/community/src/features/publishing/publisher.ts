import { Duration, type GateId, Instant, PortalId } from "@menshen/domain";
import {
  compileSnapshot,
  type Restatement,
  restateCredentials,
  type SnapshotDocument,
} from "@menshen/policy";
import { encodePolicyDocument, type HealthFinding } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import type { CompileRequest, DesiredDocuments } from "../../gate-link/index.ts";
import { selectGate } from "../devices/index.ts";
import type { Holders } from "../door-rules/index.ts";
import { selectModes } from "../doors/index.ts";
import { makeCurrentDoorFaults } from "./current-door-faults.ts";
import { makeCurrentVerdict, VERDICT_FRESH } from "./current-verdict.ts";
import { doorRuleFindings, policyFindings } from "./findings.ts";
import type { GateAliroPlan, PlanGateAliro } from "./gate-aliro-plan.ts";
import type { KeyringMaker } from "./keyring.ts";
import type { ModelCache } from "./model-cache.ts";
import type { LoadedCredential, ModelState } from "./model-reader.ts";
import { readDocument } from "./snapshot-document.ts";

/** A gate without a network works this long on one snapshot. */
const SNAPSHOT_LIFE = Duration.days(400);
/** A snapshot that says the same is made anew after this long, so that a gate always has most of a life ahead. */
const SNAPSHOT_RENEWAL = Duration.days(30);

export interface PublisherDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly cache: ModelCache;
  readonly keyrings: KeyringMaker;
  /** What a gate needs to read telephones, beside what its door group needs. */
  readonly aliro: PlanGateAliro;
  /** Who is who to gates; `undefined`: no gate asks. */
  readonly holders: () => Promise<Holders | undefined>;
  /**
   * Asks for another `compileFor` of a gate before long: it got a restated snapshot, quickly, and the full one is still
   * due.
   */
  readonly settle: (gateId: GateId) => void;
  /** 400 days but for tests of the end of a life. */
  readonly life?: Duration;
}

/** Makes what gates should hold: snapshot, keyring, modes. */
export interface Publisher {
  readonly compileFor: (gateId: GateId, request: CompileRequest) => Promise<DesiredDocuments>;
  /**
   * What the checks found at the last compilation: ways in that are missing, falls of grade that are waived, door rules
   * that do not fit.
   */
  readonly findings: () => readonly HealthFinding[];
}

/** What a gate's newest documents were made from, as far as this process made them. */
interface Made {
  readonly state: ModelState;
  readonly document: SnapshotDocument;
  readonly known: ReadonlySet<string>;
  /** Absent: there was no keyring yet, since keys were locked. */
  readonly keyringSignature: string | undefined;
  readonly aliroSignature: string | undefined;
  readonly holdersSignature: string | undefined;
  /** Restated only: everything but statuses may lag behind `state`. */
  readonly restated: boolean;
  readonly at: number;
}

export function makePublisher(dependencies: PublisherDependencies): Publisher {
  const { db, clock, cache, keyrings, aliro, holders, settle, life = SNAPSHOT_LIFE } = dependencies;
  const made = new Map<GateId, Made>();
  const verdict = makeCurrentVerdict(clock);
  const doorFaults = makeCurrentDoorFaults(db, clock);

  function compileAt(gateId: GateId, state: ModelState, version: number, at: Instant): SnapshotDocument {
    const until = Instant(at + life);
    return compileSnapshot(state.model, { gateId, version, at, until, verdict: verdict.of(state.model) })
      .document;
  }

  /** The current document with the instant it was made at; undefined if it is due to be made anew anyway. */
  function readCurrent({ current }: CompileRequest) {
    const document = current && readDocument(current.document);
    const until = document?.until;
    if (document === undefined || typeof until !== "number") return undefined;
    const age = clock.now() - (until - life);
    return age < 0 || age >= SNAPSHOT_RENEWAL ? undefined : { document, at: Instant(until - life) };
  }

  /** The document before without the credentials taken away since, if there are any: what cannot wait. */
  function restate(before: Made | undefined, state: ModelState, request: CompileRequest) {
    if (before === undefined || before.document.version !== request.current?.version) return undefined;
    const taken = revocations(before, state);
    if (taken.length === 0) return undefined;
    return restateCredentials(before.document, request.snapshotVersion, taken);
  }

  /** The document that the gate should have; the current one itself if that says it all. */
  function compile(gateId: GateId, state: ModelState, request: CompileRequest): SnapshotDocument {
    const current = readCurrent(request);
    if (current === undefined) {
      // Whole seconds, so that the period can be read back from the document.
      const at = Instant(Math.floor(clock.now() / 1000) * 1000);
      return compileAt(gateId, state, request.snapshotVersion, at);
    }
    // Compiled for the current one's own period, so that a difference is one of rules, persons or credentials.
    const document = compileAt(gateId, state, request.snapshotVersion, current.at);
    const same = encodePolicyDocument({ ...document, version: current.document.version });
    return Buffer.compare(same, request.current?.document ?? new Uint8Array()) === 0
      ? current.document
      : document;
  }

  function isUpToDate(
    before: Made,
    state: ModelState,
    request: CompileRequest,
    phones: GateAliroPlan | undefined,
    people: Holders | undefined,
  ): boolean {
    return (
      !before.restated &&
      before.keyringSignature !== undefined &&
      before.aliroSignature === phones?.signature &&
      before.holdersSignature === people?.signature &&
      before.state.model === state.model &&
      before.document.version === request.current?.version &&
      clock.now() - before.at < VERDICT_FRESH
    );
  }

  async function snapshotFor(gateId: GateId, request: CompileRequest, doorGroup: number) {
    const state = await cache.current();
    const phones = await aliro(gateId, doorGroup);
    const people = await holders();
    const before = made.get(gateId);
    if (before !== undefined && isUpToDate(before, state, request, phones, people))
      return { made: before, keyring: undefined };
    const restated = restate(before, state, request);
    if (restated !== undefined && before !== undefined) {
      // First things first: the revocation goes out now, all else within the compilation that follows.
      const next: Made = { ...before, state, document: restated, restated: true };
      made.set(gateId, next);
      settle(gateId);
      return { made: next, keyring: undefined };
    }
    const document = compile(gateId, state, request);
    const known = knownKeys(document);
    const keyring = keyrings.plan(doorGroup, known, state.credentials.values(), state, people);
    const next: Made = {
      state,
      document,
      known,
      keyringSignature: keyring.signature,
      aliroSignature: phones?.signature,
      holdersSignature: people?.signature,
      restated: false,
      at: clock.now(),
    };
    made.set(gateId, next);
    const isSame =
      request.keyringVersion !== undefined &&
      before?.keyringSignature === keyring.signature &&
      before.aliroSignature === phones?.signature;
    if (isSame) return { made: next, keyring: undefined };
    const content = await keyring.make().catch((error: unknown) => {
      if (error instanceof CommunityError && error.code === "keys-locked") return undefined;
      throw error;
    });
    if (content === undefined) {
      // Rules and revocations do not wait for keys. All gates are compiled for again when these are unlocked.
      made.set(gateId, { ...next, keyringSignature: undefined });
      return { made: next, keyring: undefined };
    }
    return { made: next, keyring: phones === undefined ? content : { ...content, aliro: phones.make() } };
  }

  return {
    async compileFor(gateId, request): Promise<DesiredDocuments> {
      const gate = await selectGate(db, gateId);
      if (gate === undefined) throw new CommunityError("not-found", `gate ${gateId} is not on record`);
      const { made: next, keyring } = await snapshotFor(gateId, request, gate.doorGroup);
      await doorFaults.review(next.state.model);
      const modes = await selectModes(db, gateId);
      return {
        ...(next.document.version === request.current?.version
          ? {}
          : { snapshot: encodePolicyDocument(next.document) }),
        ...(keyring === undefined ? {} : { keyring }),
        modes: modes.map((mode) => ({
          portalId: PortalId(mode.portalId),
          mode: mode.mode,
          lockdown: mode.lockdown,
          generation: mode.generation,
          ...(mode.until === undefined ? {} : { until: Instant(mode.until) }),
        })),
      };
    },

    findings: () => {
      const last = verdict.last();
      return [...(last === undefined ? [] : policyFindings(last)), ...doorRuleFindings(doorFaults.last())];
    },
  };
}

/**
 * Credentials that were taken away since the document was made, and that it holds.
 *
 * INVARIANT: restating only ever takes away. Giving back waits for the full compilation: rules, homes or the card's
 * holder may have changed meanwhile, and the document still says what held before.
 */
function revocations(before: Made, state: ModelState): Restatement[] {
  const old = before.state.credentials;
  if (old === state.credentials) return [];
  const taken: LoadedCredential[] = [];
  for (const [id, credential] of state.credentials) {
    const previous = old.get(id);
    if (previous === credential || previous === undefined || !before.known.has(credential.keyHex)) continue;
    if (credential.record.status !== "active" && previous.record.status === "active") taken.push(credential);
  }
  return taken.map(({ record }) => ({ key: record.key, status: record.status }));
}

/** Keys of the credentials in a document, hexadecimal. */
function knownKeys(document: SnapshotDocument): ReadonlySet<string> {
  const keys: unknown = Reflect.get(Object(document.credentials), "keys");
  const known = new Set<string>();
  if (!(keys instanceof Uint8Array)) return known;
  const hex = Buffer.from(keys.buffer, keys.byteOffset, keys.length).toString("hex");
  for (let offset = 0; offset < hex.length; offset += 32) known.add(hex.slice(offset, offset + 32));
  return known;
}

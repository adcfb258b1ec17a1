import { toHex } from "@menshen/crypto/node";
import { Duration, type GateId, Instant, PortalId } from "@menshen/domain";
import {
  type CommunityModel,
  checkPolicy,
  compileSnapshot,
  diffSnapshots,
  type PolicyVerdict,
  readSnapshotDocument,
  type SnapshotDocument,
} from "@menshen/policy";
import {
  decodePolicyDocument,
  encodePolicyDocument,
  type HealthFinding,
  SNAPSHOT_MAX_BYTES,
} from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import type { CompileRequest, DesiredDocuments, GateLinkDependencies } from "../../gate-link/index.ts";
import { selectGate } from "../devices/index.ts";
import { selectModes } from "../doors/index.ts";
import type { KeyringMaker } from "./keyring.ts";
import type { ModelCache } from "./model-cache.ts";
import type { ModelState } from "./model-reader.ts";
import { CHECK_AHEAD } from "./policy-watch.ts";

/** A gate without a network works this long on one snapshot. */
export const SNAPSHOT_LIFE = Duration.days(400);
/** A snapshot that says the same is made anew after this long, so that a gate always has most of a life ahead. */
const SNAPSHOT_RENEWAL = Duration.days(30);
/** A delta that saves less than this share is not worth its risk of a base that differs. */
const DELTA_WORTH = 0.5;

export interface PublisherDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly cache: ModelCache;
  readonly keyrings: KeyringMaker;
  /** `SNAPSHOT_LIFE` but for tests of the end of a life. */
  readonly life?: Duration;
}

export interface Publisher {
  readonly compileFor: GateLinkDependencies["compileFor"];
  readonly deltaOf: GateLinkDependencies["deltaOf"];
  /** What the policy check found at the last compilation: ways in that are missing, falls of grade that are waived. */
  readonly findings: () => readonly HealthFinding[];
}

/** Makes what gates should hold: snapshot, keyring, modes. */
export function makePublisher(dependencies: PublisherDependencies): Publisher {
  const { db, clock, cache, keyrings, life = SNAPSHOT_LIFE } = dependencies;
  let checked: { readonly model: CommunityModel; readonly verdict: PolicyVerdict } | undefined;

  /** One check for all gates that are compiled from the same model. */
  function verdictOf(model: CommunityModel): PolicyVerdict {
    if (checked?.model === model) return checked.verdict;
    const at = clock.now();
    // Changes were checked before they were committed: what is missing now is somebody's to look at, not to refuse.
    const verdict = checkPolicy(model, { at, until: Instant(at + CHECK_AHEAD), previous: model });
    checked = { model, verdict };
    return verdict;
  }

  function compile(gateId: GateId, state: ModelState, request: CompileRequest): SnapshotDocument | undefined {
    const verdict = verdictOf(state.model);
    const now = clock.now();
    const current = readCurrent(request, life);
    if (current !== undefined) {
      // Compiled for the current one's own period, so that a difference is one of rules, persons or credentials.
      const at = Instant(current.at);
      if (now - at < SNAPSHOT_RENEWAL && at <= now) {
        const { document } = compileSnapshot(state.model, {
          gateId,
          version: request.snapshotVersion,
          at,
          until: Instant(at + life),
          verdict,
        });
        const same = encodePolicyDocument({ ...document, version: current.document.version });
        return Buffer.compare(same, request.current?.document ?? new Uint8Array()) === 0
          ? undefined
          : document;
      }
    }
    // Whole seconds, so that the period can be read back from the document.
    const at = Instant(Math.floor(now / 1000) * 1000);
    return compileSnapshot(state.model, {
      gateId,
      version: request.snapshotVersion,
      at,
      until: Instant(at + life),
      verdict,
    }).document;
  }

  return {
    async compileFor(gateId, request): Promise<DesiredDocuments> {
      const state = await cache.current();
      const gate = await selectGate(db, gateId);
      if (gate === undefined) throw new CommunityError("not-found", `gate ${gateId} is not on record`);
      const document = compile(gateId, state, request);
      const known = knownKeys(document ?? readCurrent(request, life)?.document);
      const modes = await selectModes(db, gateId);
      return {
        ...(document === undefined ? {} : { snapshot: encodePolicyDocument(document) }),
        keyring: keyrings.make(gate.doorGroup, known, state.credentials.values()),
        modes: modes.map((mode) => ({
          portalId: PortalId(mode.portalId),
          mode: mode.mode,
          lockdown: mode.lockdown,
          generation: mode.generation,
          ...(mode.until === undefined ? {} : { until: Instant(mode.until) }),
        })),
      };
    },

    deltaOf(base, next) {
      const old = readDocument(base);
      const now = readDocument(next);
      if (old === undefined || now === undefined) return undefined;
      const delta = encodePolicyDocument(diffSnapshots(old, now));
      return delta.length < next.length * DELTA_WORTH ? delta : undefined;
    },

    findings: () => (checked === undefined ? [] : findingsOf(checked.verdict)),
  };
}

function readDocument(bytes: Uint8Array): SnapshotDocument | undefined {
  const result = readSnapshotDocument(decodePolicyDocument(bytes, SNAPSHOT_MAX_BYTES));
  return result.ok ? result.document : undefined;
}

/** The current document with the instant it was made at; undefined for one that this version cannot read. */
function readCurrent(
  request: CompileRequest,
  life: Duration,
): { readonly document: SnapshotDocument; readonly at: number } | undefined {
  const document = request.current === undefined ? undefined : readDocument(request.current.document);
  const until = document?.until;
  if (document === undefined || typeof until !== "number") return undefined;
  return { document, at: until - life };
}

/** Keys of the credentials in a document, hexadecimal. */
function knownKeys(document: SnapshotDocument | undefined): ReadonlySet<string> {
  const keys: unknown = Reflect.get(Object(document?.credentials ?? {}), "keys");
  const known = new Set<string>();
  if (keys instanceof Uint8Array) {
    for (let offset = 0; offset < keys.length; offset += 16)
      known.add(toHex(keys.subarray(offset, offset + 16)));
  }
  return known;
}

function findingsOf(verdict: PolicyVerdict): HealthFinding[] {
  return verdict.alarms.map((alarm) => {
    if (alarm.code === "grade-fall-waived") {
      return { code: alarm.code, severity: "warning", values: { persons: alarm.waiver.personIds.length } };
    }
    const { violation } = alarm;
    return {
      code: "way-missing",
      severity: violation.problem === "no-way" ? "fault" : "warning",
      since: violation.from,
      values: {
        problem: violation.problem,
        direction: violation.direction,
        persons: violation.personIds.length,
        buildingId: violation.buildingId,
        ways: violation.ways.join(" "),
      },
    };
  });
}

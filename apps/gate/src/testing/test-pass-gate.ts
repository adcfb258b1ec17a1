import {
  credentialKeyOf,
  orderVisitToken,
  prepareDoorAnswer,
  preparePhonePass,
  prepareVisitorPass,
  tokenKeyId,
  type UnsignedPass,
  type VisitorPassTerms,
  writePassText,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { type DoorState, Instant } from "@menshen/domain";
import { type CommunityModel, loadSnapshot } from "@menshen/policy";
import { makeLogger } from "@menshen/service-kit";
import {
  type AccessEntry,
  type PassesMessage,
  type PassesTokenKey,
  TOKEN_KEY_TOPIC,
  tokenKeyStatement,
} from "@menshen/wire";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import type { LiftFloor } from "../door/lift.ts";
import { deskPassesOf, openGatePasses } from "../gate-passes.ts";
import type { Seal } from "../keys/seal.ts";
import { makeMarkStore } from "../public-log/mark-store.ts";
import { openPublicLog } from "../public-log/public-log.ts";
import type { SealedIdentity } from "../store/journal-draft.ts";
import type { StateKeeper } from "../store/state-keeper.ts";
import type { Remote } from "../store/store-thread.ts";
import { makeTapDesk } from "../tap/tap-desk.ts";
import type { TapDeskOptions } from "../tap/tap-desk-options.ts";
import { TEST_COMMUNITY_ID } from "./test-community.ts";
import { PLAIN_PORTAL } from "./test-portal.ts";
import type { TestPublicLog } from "./test-public-log.ts";
import {
  ACCESS_POINT,
  GATE,
  PORTAL,
  READER,
  type TestCredential,
  testDocument,
  testModel,
} from "./test-site.ts";

const communityId = TEST_COMMUNITY_ID;
export const DOOR_GROUP = 3;
const UP_MS = 60_000;

/** The credential key of a phone's pass. */
export function phoneKeyOf(key: crypto.SigningKey) {
  return credentialKeyOf(crypto, "phone-pass", key.publicKey);
}

function signed({ toBeSigned, finish }: UnsignedPass, key: crypto.SigningKey): Uint8Array {
  return finish(crypto.sign(key, toBeSigned));
}

/** What a phone shows at a moment. */
export function phonePassText(
  key: crypto.SigningKey,
  atMs: number,
  change: { readonly doorGroup?: number; readonly nonce?: Uint8Array } = {},
): string {
  const unsigned = preparePhonePass({
    primitives: crypto,
    communityId,
    credentialKey: phoneKeyOf(key),
    doorGroup: change.doorGroup ?? 0,
    now: Instant(atMs),
    nonce: change.nonce ?? crypto.randomBytes(4),
  });
  return writePassText("phone-pass", signed(unsigned, key));
}

/** A phone's answer to a challenge; `door` as it was scanned. */
export function doorAnswerText(
  key: crypto.SigningKey,
  challenge: { readonly challenge: Uint8Array; readonly door?: Uint8Array },
): string {
  const parts = { primitives: crypto, communityId, credentialKey: phoneKeyOf(key), ...challenge };
  return writePassText("door-answer", signed(prepareDoorAnswer(parts), key));
}

/** A visitor's pass for the gate's door, signed by the desk or a resident. */
export function visitorText(key: crypto.SigningKey, terms: Partial<VisitorPassTerms>): string {
  const unsigned = prepareVisitorPass({
    primitives: crypto,
    communityId,
    alg: key.alg,
    terms: {
      passId: crypto.randomBytes(8),
      purpose: "visitor",
      portals: [PORTAL],
      notBefore: Instant(0),
      notAfter: Instant(0),
      ...(key.alg === "ES256" ? { delegate: phoneKeyOf(key) } : {}),
      ...terms,
    },
  });
  return writePassText("visitor-pass", signed(unsigned, key));
}

/** An issuing key as the document brings it, with its proof. */
export function tokenKeyOf(
  log: Pick<TestPublicLog, "publish">,
  { publicKey }: crypto.BlindRsaKey,
  terms: Pick<PassesTokenKey, "doorGroup" | "from" | "until" | "quota">,
  how: Parameters<TestPublicLog["publish"]>[2] = {},
): PassesTokenKey {
  const keyId = crypto.toHex(tokenKeyId(crypto, publicKey));
  const evidence = log.publish(TOKEN_KEY_TOPIC, tokenKeyStatement({ keyId, ...terms }, 1), how);
  return { publicKey, ...terms, evidence };
}

/** A token that a resident bought. */
export function tokenText({ publicKey, secretKey }: crypto.BlindRsaKey): string {
  const order = orderVisitToken({ primitives: crypto, communityId, publicKey });
  const token = order.finish(crypto.blindRsaSign(secretKey, order.blinded) ?? new Uint8Array());
  if (token === undefined) throw new Error("expected a signature");
  return writePassText("visit-token", token);
}

export interface PassGateOptions {
  /** What the time is. */
  readonly startMs: number;
  /** For how long it has been running. */
  readonly upMs?: number;
  readonly log: TestPublicLog;
  readonly seal: Seal;
  /** Its disk: another gate's with the same one is this gate, started again. */
  readonly keeper: StateKeeper;
  readonly phones: readonly crypto.SigningKey[];
  readonly credentials: readonly TestCredential[];
  readonly passes: PassesMessage | undefined;
  readonly changes?: (model: CommunityModel) => CommunityModel;
  readonly door?: Partial<DoorState>;
  readonly isStanding?: boolean;
  /** Without a log every credential of the snapshot is taken. */
  readonly knowsLog?: boolean;
  readonly doorGroup?: number;
  /** The disk takes nothing. */
  readonly isDiskFull?: boolean;
  /** Rules of areas and doors. */
  readonly presence?: TapDeskOptions["presence"];
  /** Its door is a lift, and these are its floors. */
  readonly floors?: readonly LiftFloor[];
}

/** A gate's tap desk with its passes and public log, offline: no server, no reader, no lock. */
export async function makePassGate(options: PassGateOptions) {
  const { log, keeper, upMs = UP_MS } = options;
  const startMs = options.startMs - upMs;
  const driven = makeDrivenClock(startMs, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: { bootId: "b", wallMs: startMs, monotonicMs: 0, earliestMs: startMs, latestMs: startMs },
  });
  const model = testModel(options.credentials);
  const loaded = loadSnapshot(testDocument(options.changes?.(model) ?? model, 7, startMs));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const { snapshot } = loaded;
  let { passes } = options;
  const phones = new Map(options.phones.map((key) => [crypto.toHex(phoneKeyOf(key)), key.publicKey]));
  const state: Pick<Remote<StateKeeper>, "marks" | "saveMarks" | "uses" | "saveUse"> = {
    marks: async () => keeper.marks(),
    saveMarks: async (marks) => keeper.saveMarks(marks),
    uses: async () => keeper.uses(),
    async saveUse(use, endedMs) {
      if (options.isDiskFull === true) throw new Error("full");
      keeper.saveUse(use, endedMs);
    },
  };
  const policy = () => (options.knowsLog === false ? undefined : log.policy);
  const publicLog = await openPublicLog({
    identity: { gateId: GATE, communityId, policyKey: log.policyKey, sealingKey: log.sealingKey },
    snapshot: () => snapshot,
    deskPasses: () => deskPassesOf(passes, clock.now().earliest),
    policy,
    earliestMs: () => clock.now().earliest,
    store: makeMarkStore(state, options.seal),
    found: () => undefined,
    failed: (fault) => {
      throw fault;
    },
  });
  const gatePasses = await openGatePasses({
    identity: { communityId },
    doorGroup: options.doorGroup ?? DOOR_GROUP,
    clock,
    state,
    seal: options.seal,
    snapshot: () => snapshot,
    held: {
      cardKeys: () => ({ phone: (key) => phones.get(crypto.toHex(key)) }),
      passes: () => passes,
      log: policy,
    },
    inPublicLog: publicLog.admits,
    unreadable: () => undefined,
  });
  driven.setTo(options.startMs, upMs);
  const entries: { readonly body: AccessEntry["body"]; readonly identity: SealedIdentity | undefined }[] = [];
  const order: string[] = [];
  const desk = makeTapDesk({
    clock,
    journal: {
      async append(record) {
        if (record.kind !== "access") return { stored: true, sequence: 1 };
        order.push("journal");
        entries.push({ body: record.body, identity: record.identity });
        return { stored: true, sequence: entries.length };
      },
    },
    snapshot: () => snapshot,
    cardKeys: () => undefined,
    counterGuard: async () => undefined,
    inPublicLog: publicLog.admits,
    passes: gatePasses.desk,
    ...(options.presence === undefined ? {} : { presence: options.presence }),
    placeOf: () => ({
      accessPointId: ACCESS_POINT,
      link: "pcsc",
      lockOnOutdoorReader: false,
      ...(options.floors === undefined ? {} : { floors: options.floors }),
      portal: {
        ...PLAIN_PORTAL,
        doorState: () => ({ mode: "normal", lockdown: 0, fireRelease: false, ...options.door }),
        isStanding: () => options.isStanding ?? false,
        unlockMs: () => 5_000,
        granted: (_persons, outputs) =>
          void order.push(...(outputs?.map((output) => `floor ${output}`) ?? ["lock"])),
      },
    }),
    indicate: () => undefined,
    floods: { heldBack: () => undefined },
    logger: makeLogger({ app: "gate", level: "error" }),
  });
  return {
    entries,
    order,
    desk,
    publicLog,
    challenge: () => gatePasses.challenges.current(ACCESS_POINT, clock.monotonicMs()),
    /** The document that replaces the one before. */
    use(next: PassesMessage) {
      passes = next;
    },
    after(ms: number) {
      driven.setTo(options.startMs + ms, upMs + ms);
    },
    /** The first reason's code, or `opens`. */
    async show(text: string): Promise<string> {
      const outcome = await desk.scan(READER, text);
      return outcome?.granted === true ? "opens" : (outcome?.reasons[0]?.code ?? "nothing");
    },
  };
}

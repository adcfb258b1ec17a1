import { randomInt } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { coseVerify1, fromHex, hpkeOpen, primitives } from "@menshen/crypto/node";
import type { AccessPointId, CredentialKey } from "@menshen/domain";
import { provenCredentials } from "@menshen/evidence";
import { type GrantedCredential, grantedCredentials, type Snapshot } from "@menshen/policy";
import {
  credentialProofs,
  documentProof,
  externalAad,
  type ProofsRequest,
  sealedProofs,
  WireError,
} from "@menshen/wire";
import type { GateIdentity } from "../keys/identity.ts";
import { type LogPolicy, openHead } from "../trail/leaf-proof.ts";
import { makeCredentialLedger } from "./credential-ledger.ts";
import { type MarkStore, markKey } from "./mark-store.ts";

/** What of the public log this gate needs to open for credentials that are in it, and for no others. */
export interface PublicLog {
  /**
   * Whether a credential may pass at an access point as far as the log is concerned. A card that was given out a moment ago
   * is waited for, a second or so, as long as the server can be asked. A gate that was never told of a log asks for nothing.
   *
   * @param as `home`: only as a credential of a home that has this door, not as one of staff
   */
  readonly admits: (
    credentialKey: CredentialKey,
    accessPointId: AccessPointId,
    as?: "home",
  ) => Promise<boolean>;
  /**
   * Whether a proof that a telephone carries lets its credential pass at an access point, under the same rules as a proof
   * from the server, and only with enough witnesses. A gate that was never told of a log believes none.
   */
  readonly provesCarried: (
    proof: Uint8Array,
    credentialKey: CredentialKey,
    accessPointId: AccessPointId,
  ) => boolean;
  /** Snapshot or trail changed. */
  readonly review: () => void;
  /** The server can be asked from now on. `ask` resolves when the server has taken the question. */
  readonly connected: (ask: (wanted: ProofsRequest["wanted"]) => Promise<void>) => void;
  readonly disconnected: () => void;
  /** Takes proofs from the server; anything that proves nothing changes nothing. */
  readonly receive: (message: Uint8Array) => Promise<void>;
  readonly stop: () => void;
}

export interface PublicLogOptions {
  readonly identity: Pick<GateIdentity, "gateId" | "communityId" | "policyKey" | "sealingKey">;
  readonly snapshot: () => Snapshot | undefined;
  /** Passes of the desk that hold: credentials as those of the snapshot, as far as the log is concerned. */
  readonly deskPasses: () => readonly GrantedCredential[];
  /** The log this gate believes; `undefined` as long as it knows of none. */
  readonly policy: () => LogPolicy | undefined;
  readonly earliestMs: () => number;
  readonly store: MarkStore;
  readonly found: (finding: "credentials-unwitnessed" | "credential-number-twice", present: boolean) => void;
  readonly failed: (fault: unknown) => void;
}

/** Asked for at once: checking so many takes a few milliseconds, which a person at the reader waits for. */
const BATCH = 64;
/** Looked at in one go, so that taps can pass in between. */
const ROWS_IN_TURN = 4_096;
const ASK_AGAIN_MIN_MS = 200;
const ASK_AGAIN_MAX_MS = 30_000;
/** A person waits so long at most for a card to come into the log. */
const PATIENCE_MS = 1_500;

export async function openPublicLog(options: PublicLogOptions): Promise<PublicLog> {
  const { identity, store } = options;
  const kept = await store.load();
  const ledger = makeCredentialLedger(kept.marks);
  let { treeSize } = kept;
  let ask: ((wanted: ProofsRequest["wanted"]) => Promise<void>) | undefined;
  let wanted = new Map<string, readonly string[]>();
  let reviewing = false;
  let reviewAgain = false;
  let asking = false;
  let stopped = false;
  let pauseMs = ASK_AGAIN_MIN_MS;
  let wake: () => void = () => undefined;
  const waiting = new Set<() => void>();
  /** Credentials that somebody holds to a reader now, with how many do. */
  const held = new Map<string, number>();

  options.found("credentials-unwitnessed", ledger.hasUnwitnessed());

  /** Which credentials of the snapshot are to be asked about, and which are gone from it. */
  async function look(): Promise<void> {
    const snapshot = options.snapshot();
    if (snapshot === undefined) return;
    const active = new Set<string>();
    const missing = new Map<string, readonly string[]>();
    let rows = 0;
    const consider = ({ key, accessPointIds }: GrantedCredential) => {
      const name = markKey(key);
      active.add(name);
      if (!ledger.isSettled(name, accessPointIds)) missing.set(name, accessPointIds);
    };
    for (const pass of options.deskPasses()) consider(pass);
    for (const credential of grantedCredentials(snapshot)) {
      consider(credential);
      rows += 1;
      if (rows % ROWS_IN_TURN === 0) await nextTurn();
    }
    // Another snapshot came meanwhile: it is looked at next.
    if (snapshot !== options.snapshot()) return;
    const gone = ledger.leave((key) => active.has(key), treeSize);
    wanted = missing;
    if (gone.length > 0) await store.save(gone, treeSize);
    options.found("credentials-unwitnessed", ledger.hasUnwitnessed());
  }

  async function lookThenAsk(): Promise<void> {
    if (reviewing) {
      reviewAgain = true;
      return;
    }
    reviewing = true;
    try {
      do {
        reviewAgain = false;
        await look();
      } while (reviewAgain);
    } finally {
      reviewing = false;
    }
    pauseMs = ASK_AGAIN_MIN_MS;
    wake();
    await askOn();
  }

  /** Asks until nothing is missing, a batch behind the other, ever more slowly while the log says nothing new. */
  async function askOn(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      while (!stopped && ask !== undefined && options.policy() !== undefined && wanted.size > 0) {
        const left = shuffled([...wanted.keys()]);
        const asked = new Set<string>();
        while (left.length > 0 && ask !== undefined) {
          const batch = nextBatch(left, asked);
          if (batch.length === 0) continue;
          await ask(batch.map((name) => ({ credentialKey: fromHex(name), floor: ledger.floorOf(name) })));
        }
        if (wanted.size > 0) await pause();
      }
    } catch {
      // The connection ended; the next one asks again.
    } finally {
      asking = false;
    }
  }

  /**
   * What is asked next, of what is left of a pass and was not asked in it: whom somebody waits for, then by chance.
   * INVARIANT: neither when something is asked nor what stands beside it tells the server who is at a door.
   */
  function nextBatch(left: string[], asked: Set<string>): readonly string[] {
    const batch = [...held.keys(), ...left.splice(-BATCH)].filter((name) => {
      if (asked.has(name) || !wanted.has(name)) return false;
      asked.add(name);
      return true;
    });
    return batch.toSorted();
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      timer.unref();
      pauseMs = Math.min(pauseMs * 2, ASK_AGAIN_MAX_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function opens(name: string, accessPointId: AccessPointId, as?: "home"): boolean {
    return options.policy() === undefined || ledger.opens(name, accessPointId, options.earliestMs(), as);
  }

  async function open(message: Uint8Array) {
    const verification = coseVerify1({
      message,
      key: { alg: "EdDSA", publicKey: identity.policyKey },
      externalAad: externalAad("proofs"),
    });
    if (!verification.verified) return undefined;
    const { gateId, encapsulatedKey, ciphertext } = sealedProofs.decode(verification.payload);
    if (gateId !== identity.gateId) return undefined;
    const bytes = await hpkeOpen({
      key: identity.sealingKey,
      enc: encapsulatedKey,
      info: externalAad("proofs"),
      ciphertext,
    });
    const proofs = bytes && credentialProofs.decode(bytes);
    return proofs?.gateId === identity.gateId ? proofs : undefined;
  }

  const review = () => void lookThenAsk().catch(options.failed);
  return {
    async admits(credentialKey, accessPointId, as) {
      const name = markKey(credentialKey);
      if (opens(name, accessPointId, as)) return true;
      if (ask === undefined) return false;
      const until = performance.now() + PATIENCE_MS;
      held.set(name, (held.get(name) ?? 0) + 1);
      for (
        let leftMs = PATIENCE_MS;
        leftMs > 0 && !opens(name, accessPointId, as);
        leftMs = until - performance.now()
      ) {
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer);
            waiting.delete(done);
            resolve();
          };
          const timer = setTimeout(done, leftMs);
          waiting.add(done);
        });
        if (stopped) break;
      }
      const others = (held.get(name) ?? 1) - 1;
      if (others > 0) held.set(name, others);
      else held.delete(name);
      return opens(name, accessPointId, as);
    },

    provesCarried(bytes, credentialKey, accessPointId) {
      const policy = options.policy();
      const proof = policy && carriedProof(bytes);
      const head = policy && proof && openHead(identity.communityId, policy, proof.checkpoint);
      if (proof === undefined || head?.witnessed !== true) return false;
      const proven = provenCredentials(primitives, head, proof) ?? [];
      const { changed, numberTwice, opens } = ledger.bring(proven, markKey(credentialKey), accessPointId);
      if (numberTwice) options.found("credential-number-twice", true);
      // In force before it is on the disk, as what the server sends.
      if (changed.length > 0) store.save(changed, treeSize).catch(options.failed);
      return opens;
    },

    review,
    connected(through) {
      ask = through;
      review();
    },
    disconnected() {
      ask = undefined;
      wake();
    },

    async receive(message) {
      const proofs = await open(message);
      const policy = options.policy();
      const head = proofs && policy && openHead(identity.communityId, policy, proofs.checkpoint);
      if (proofs === undefined || head === undefined) return;
      const proven = provenCredentials(primitives, head, proofs);
      if (proven === undefined) return;
      const { changed, numberTwice } = ledger.take(proven, head.witnessed, options.earliestMs());
      if (head.witnessed) treeSize = Math.max(treeSize, head.size);
      if (numberTwice) options.found("credential-number-twice", true);
      for (const { key } of changed) {
        const places = wanted.get(key);
        if (places !== undefined && ledger.isSettled(key, places)) wanted.delete(key);
      }
      options.found("credentials-unwitnessed", ledger.hasUnwitnessed());
      for (const done of [...waiting]) done();
      // In force before it is on the disk: after a power-off it is asked for again.
      if (changed.length > 0) await store.save(changed, treeSize);
    },

    stop() {
      stopped = true;
      wake();
      for (const done of [...waiting]) done();
    },
  };
}

function carriedProof(bytes: Uint8Array) {
  try {
    return documentProof.decode(bytes);
  } catch (fault) {
    if (fault instanceof WireError) return undefined;
    throw fault;
  }
}

function shuffled(names: string[]): string[] {
  for (let last = names.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [names[last], names[other]] = [names[other] ?? "", names[last] ?? ""];
  }
  return names;
}

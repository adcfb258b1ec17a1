import { coseSign1, equalBytes, hpkeSeal, sha256 } from "@menshen/crypto/node";
import { type GateId, Instant } from "@menshen/domain";
import {
  type Applied,
  type DocumentKind,
  type DownKind,
  deltaMessage,
  externalAad,
  type Hello,
  keyring,
  modesMessage,
  type SignedMessageType,
  sealedKeyring,
  snapshotMessage,
} from "@menshen/wire";
import { transaction } from "./database.ts";
import {
  type DocumentRow,
  type DocumentStateRow,
  insertDocument,
  readDesiredDocument,
  readDocument,
  readDocumentStates,
  readWanted,
  recordApplied,
  recordHeld,
  recordMade,
} from "./document-store.ts";
import { makeDoorRulesRow } from "./door-rules-document.ts";
import { type EnrolledGate, readEnrolledGate } from "./gate-store.ts";
import { makePassesRow } from "./passes-document.ts";
import { makeTrailRow } from "./trail-document.ts";
import type { CompileRequest, DesiredDocuments, GateLinkDependencies } from "./types.ts";

type Dependencies = Pick<
  GateLinkDependencies,
  "pool" | "clock" | "keys" | "community" | "compileFor" | "deltaOf" | "trail" | "passes" | "doorRules"
>;

/** Something to send to a gate. */
export interface OutgoingDocument {
  readonly what: DocumentKind;
  readonly version: number;
  readonly kind: DownKind;
  readonly message: Uint8Array;
}

export interface Documents {
  /** Compiles and stores what a stale gate should hold; true if anything new was made. */
  readonly refresh: (gateId: GateId) => Promise<boolean>;
  /** What the gate does not hold yet; `whole` names kinds that must not go as a delta. */
  readonly outgoing: (
    gateId: GateId,
    whole?: ReadonlySet<DocumentKind>,
  ) => Promise<readonly OutgoingDocument[]>;
  /** Takes note of what a gate says it holds after connecting; true if that is newer than anything made here. */
  readonly onHello: (hello: Hello) => Promise<boolean>;
  readonly onApplied: (applied: Applied) => Promise<void>;
}

export function makeDocuments(dependencies: Dependencies): Documents {
  const { pool } = dependencies;
  return {
    async refresh(gateId) {
      const gate = await readEnrolledGate(pool, { gateId });
      const wanted = await readWanted(pool, gateId);
      if (gate === undefined || wanted === undefined || !wanted.stale) return false;
      const made = await make(dependencies, gate);
      await transaction(pool, async (client) => {
        for (const row of made) await insertDocument(client, gateId, row);
        await recordMade(client, gateId, wanted.wanted);
      });
      return made.length > 0;
    },

    async outgoing(gateId, whole = new Set()) {
      const states = await readDocumentStates(pool, gateId);
      const outgoing: OutgoingDocument[] = [];
      for (const state of states) {
        if (state.desired === 0 || state.applied === state.desired) continue;
        const document = await readDesiredDocument(pool, gateId, state);
        if (document === undefined) continue;
        outgoing.push(
          (whole.has(state.what) ? undefined : await asDelta(dependencies, gateId, state, document)) ?? {
            what: state.what,
            version: document.version,
            kind: state.what,
            message: document.message,
          },
        );
      }
      return outgoing;
    },

    async onHello(hello) {
      const held = [
        ["snapshot", hello.snapshotVersion],
        ["keyring", hello.keyringVersion],
        ["modes", hello.modesGeneration],
        ["trail", hello.trailVersion],
        ["passes", hello.passesVersion ?? 0],
        ["door-rules", hello.doorRulesVersion ?? 0],
      ] as const;
      return await transaction(pool, async (client) => {
        let isAhead = false;
        for (const [what, version] of held) {
          if (await recordHeld(client, hello.gateId, what, version)) isAhead = true;
        }
        return isAhead;
      });
    },

    onApplied: async (applied) =>
      await transaction(pool, async (client) => await recordApplied(client, applied)),
  };
}

async function make(dependencies: Dependencies, gate: EnrolledGate): Promise<readonly DocumentRow[]> {
  const { pool, clock, compileFor, keys, trail, passes, doorRules, community } = dependencies;
  const states = await readDocumentStates(pool, gate.gateId);
  const current = new Map<DocumentKind, DocumentRow>();
  const next = new Map<DocumentKind, number>();
  for (const state of states) {
    next.set(state.what, state.desired + 1);
    const document = await readDesiredDocument(pool, gate.gateId, state);
    if (document !== undefined) current.set(state.what, document);
  }
  const versionOf = (what: DocumentKind) => next.get(what) ?? 1;
  const snapshot = current.get("snapshot");
  const ring = current.get("keyring");
  const request: CompileRequest = {
    snapshotVersion: versionOf("snapshot"),
    ...(ring === undefined ? {} : { keyringVersion: ring.version }),
    ...(snapshot === undefined ? {} : { current: { version: snapshot.version, document: snapshot.content } }),
  };
  const desired = await compileFor(gate.gateId, request);
  const now = clock.now();
  const rows = [
    snapshotRow(dependencies, gate, desired, versionOf("snapshot"), now),
    await keyringRow(dependencies, gate, desired, versionOf("keyring"), now),
    modesRow(dependencies, gate, desired, versionOf("modes"), now),
    await makeTrailRow({
      pool,
      content: await trail.read(),
      gateId: gate.gateId,
      version: versionOf("trail"),
      issuedAt: now,
      sign: (payload) => signed(keys, "trail", payload),
    }),
    passes === undefined
      ? undefined
      : makePassesRow({
          content: await passes.read(gate.gateId),
          gateId: gate.gateId,
          communityId: community.id,
          version: versionOf("passes"),
          issuedAt: now,
          sign: (payload) => signed(keys, "passes", payload),
        }),
    doorRules === undefined
      ? undefined
      : await makeDoorRulesRow({
          pool,
          content: await doorRules.read(gate.gateId),
          gateId: gate.gateId,
          communityId: community.id,
          version: versionOf("door-rules"),
          issuedAt: now,
          sign: (payload) => signed(keys, "door-rules", payload),
        }),
  ];
  return rows.filter((row): row is DocumentRow => {
    if (row === undefined) return false;
    const before = current.get(row.what);
    // Without a stored document there is nothing to compare with: a gate that holds a newer version than we ever
    // made (a restored backup) gets everything again, under a version above its own.
    return before === undefined || row.what === "snapshot" || !equalBytes(before.content, row.content);
  });
}

function snapshotRow(
  { keys, community }: Dependencies,
  { gateId }: EnrolledGate,
  { snapshot }: DesiredDocuments,
  version: number,
  issuedAt: Instant,
): DocumentRow | undefined {
  if (snapshot === undefined) return undefined;
  const payload = snapshotMessage.encode({
    version: 1,
    gateId,
    communityId: community.id,
    snapshotVersion: version,
    issuedAt,
    document: snapshot,
  });
  const message = signed(keys, "snapshot", payload);
  return { what: "snapshot", version, message, content: snapshot, madeAt: issuedAt };
}

async function keyringRow(
  { keys }: Dependencies,
  { gateId, sealingKey }: EnrolledGate,
  desired: DesiredDocuments,
  version: number,
  madeAt: Instant,
): Promise<DocumentRow | undefined> {
  if (desired.keyring === undefined) return undefined;
  const content = { ...desired.keyring, version: 1, gateId } as const;
  // The digest is over the content without its version, so that an unchanged keyring is seen as one.
  const digest = sha256(keyring.encode({ ...content, keyringVersion: 1 }));
  const plaintext = keyring.encode({ ...content, keyringVersion: version });
  const info = externalAad("keyring");
  const sealed = await hpkeSeal({ recipientPublicKey: sealingKey, info, plaintext });
  plaintext.fill(0);
  const payload = sealedKeyring.encode({
    version: 1,
    gateId,
    keyringVersion: version,
    encapsulatedKey: sealed.enc,
    ciphertext: sealed.ciphertext,
  });
  return { what: "keyring", version, message: signed(keys, "keyring", payload), content: digest, madeAt };
}

function modesRow(
  { keys }: Dependencies,
  { gateId }: EnrolledGate,
  { modes }: DesiredDocuments,
  generation: number,
  issuedAt: Instant,
): DocumentRow {
  const content = { version: 1, gateId, portals: modes } as const;
  const unchanging = { ...content, generation: 1, issuedAt: Instant(0) };
  const payload = modesMessage.encode({ ...content, generation, issuedAt });
  return {
    what: "modes",
    version: generation,
    message: signed(keys, "modes", payload),
    content: sha256(modesMessage.encode(unchanging)),
    madeAt: issuedAt,
  };
}

/** The snapshot as a change of what the gate holds, if the server still has that and the change is smaller. */
async function asDelta(
  { pool, keys, community, clock, deltaOf }: Dependencies,
  gateId: GateId,
  state: DocumentStateRow,
  document: DocumentRow,
): Promise<OutgoingDocument | undefined> {
  if (state.what !== "snapshot" || state.applied === 0) return undefined;
  const base = await readDocument(pool, gateId, "snapshot", state.applied);
  const delta = base === undefined ? undefined : deltaOf(base.content, document.content);
  if (delta === undefined || delta.length >= document.content.length) return undefined;
  const payload = deltaMessage.encode({
    version: 1,
    gateId,
    communityId: community.id,
    baseVersion: state.applied,
    snapshotVersion: document.version,
    issuedAt: clock.now(),
    delta,
    documentHash: sha256(document.content),
  });
  return {
    what: "snapshot",
    version: document.version,
    kind: "delta",
    message: signed(keys, "delta", payload),
  };
}

/** COSE_Sign1 by the community policy key. */
export function signed(
  keys: GateLinkDependencies["keys"],
  type: SignedMessageType,
  payload: Uint8Array,
): Uint8Array {
  return coseSign1({ payload, key: keys.policy, externalAad: externalAad(type) });
}

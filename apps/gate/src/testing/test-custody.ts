import {
  concatBytes,
  ed25519FromSecret,
  ed25519Generate,
  ed25519Sign,
  primitives,
  randomBytes,
  type SigningKey,
  sha256,
} from "@menshen/crypto/node";
import {
  type CeremonySetup,
  type CustodianSet,
  combinePartials,
  type EpochKey,
  encodeCustodianSet,
  endorse,
  type IdentityText,
  type KeyShare,
  makePartial,
  parseIdentityText,
  parseSealedEntry,
  type SealedEntry,
  vouchFor,
} from "@menshen/custody";
import {
  type CanonicalJson,
  type CommunityId,
  canonicalJson,
  type GateId,
  type Instant,
} from "@menshen/domain";
import {
  commitLeaf,
  cosignCheckpoint,
  encodeLeaf,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  type NoteKey,
  noteKey,
  signNote,
} from "@menshen/evidence";
import { holdCeremony as playCeremony } from "@menshen/testkit/ceremony";
import type { LeafEvidence, TrailCeremony, TrailCustodianSet, TrailMessage, TrailPeer } from "@menshen/wire";
import { logOrigin } from "../trail/leaf-proof.ts";

/** Three bodies, any two of whom open. */
export interface TestCustodians {
  readonly set: CustodianSet;
  readonly identities: readonly SigningKey[];
}

export function makeCustodians(version = 1): TestCustodians {
  const identities = Array.from({ length: 3 }, () => ed25519Generate());
  const bodies = ["committee", "property", "city"];
  return {
    identities,
    set: {
      version,
      threshold: 2,
      members: identities.map(({ publicKey }, i) => ({ body: bodies[i] ?? "", identityKey: publicKey })),
    },
  };
}

/** The set as a trail document carries it, endorsed by these members (from 1) of the one before. */
export function asDocument(
  { set }: TestCustodians,
  previous?: TestCustodians,
  endorsers: readonly number[] = [],
): TrailCustodianSet {
  const endorsements = endorsers.flatMap((index) => {
    const secretKey = previous?.identities[index - 1]?.secretKey;
    return previous === undefined || secretKey === undefined
      ? []
      : [endorse({ previous: previous.set, next: set, secretKey })];
  });
  return { encoded: encodeCustodianSet(set), endorsements };
}

export interface TestCeremony extends TrailCeremony {
  readonly keys: readonly EpochKey[];
  /** By custodian, its share of each epoch. */
  readonly shares: readonly (readonly KeyShare[])[];
}

/** The ceremony as a trail document carries it. */
export function asCeremony({ certificate, vouches, setVersion }: TestCeremony): TrailCeremony {
  return { certificate, vouches, setVersion };
}

/** Plays a ceremony of key generation to its end. */
export function holdCeremony(
  { identities, set }: TestCustodians,
  epochs: Pick<CeremonySetup, "firstEpoch" | "epochCount">,
): TestCeremony {
  const held = playCeremony({ threshold: { k: 2, n: 3 }, ...epochs });
  return {
    certificate: held.certificate,
    vouches: identities.map(({ secretKey }) => vouchFor(secretKey, held.setup)),
    setVersion: set.version,
    keys: held.keys,
    shares: held.shares,
  };
}

/** What a community's server tells its gates about sealing. */
export function testTrail(parts: {
  readonly trailVersion: number;
  readonly anchor: Instant;
  readonly custodians: TestCustodians;
  readonly ceremony: TestCeremony;
  readonly peers: readonly TrailPeer[];
  readonly generation?: number;
  readonly logKey?: string;
}): Omit<TrailMessage, "version" | "gateId" | "issuedAt"> {
  const { trailVersion, anchor, custodians, ceremony, peers, generation = 0, logKey } = parts;
  return {
    trailVersion,
    grid: { anchor, epochMs: 28 * 86_400_000 },
    generation,
    peers: [...peers],
    custodians: [asDocument(custodians)],
    ceremonies: [asCeremony(ceremony)],
    ...(logKey === undefined ? {} : { logKey }),
    witnesses: [],
    quorum: 0,
  };
}

/** What two custodians open of a sealed entry, under the label it says it carries. */
export function openSealed(
  ceremony: TestCeremony,
  sealed: Uint8Array,
): { entry: SealedEntry; text: IdentityText } {
  const entry = parseSealedEntry(sealed);
  const position = ceremony.keys.findIndex(({ epoch }) => epoch === entry.epoch);
  const key = ceremony.keys[position];
  if (key === undefined) throw new Error("no key of that epoch");
  const partials = ceremony.shares.slice(0, 2).flatMap((shares) => {
    const share = shares[position];
    if (share === undefined) return [];
    const made = makePartial({ key, share, label: entry.label, entry, random: randomBytes });
    return made.made ? [made.partial] : [];
  });
  const opening = combinePartials({ key, entry, partials });
  if (!opening.opened) throw new Error("two custodians could not open it");
  return { entry, text: parseIdentityText(opening.plaintext) };
}

/** An evidence log of a few leaves. */
export interface TestLog {
  readonly logKey: string;
  /** The peers, each with the proof that its certificate's issue is in the log; `unlogged` get none. */
  prove(
    peers: readonly Omit<TrailPeer, "evidence">[],
    changes?: { readonly unlogged?: readonly GateId[] },
  ): readonly TrailPeer[];
  /** That a statement is the log's only leaf, seen by its witnesses at this time, Unix seconds. */
  proveStatement(
    topic: string,
    statement: { readonly [name: string]: CanonicalJson },
    seenSeconds: readonly number[],
  ): LeafEvidence;
}

export function makeTestLog(
  communityId: CommunityId,
  witnesses: readonly { readonly key: NoteKey; readonly secretKey: Uint8Array }[] = [],
): TestLog {
  const key = ed25519FromSecret(randomBytes(32));
  const origin = logOrigin(communityId);
  const note = noteKey(sha256, { name: origin, type: "ed25519", publicKey: key.publicKey });
  const node = (left: Uint8Array, right: Uint8Array) => sha256(concatBytes(Uint8Array.of(1), left, right));
  const checkpointOf = (size: number, root: Uint8Array, seenSeconds: readonly number[]) => {
    const text = formatCheckpoint({ origin, size, root, extensions: [] });
    const signature = signNote({ sha256, ed25519Sign }, note, key.secretKey, text);
    const cosignatures = witnesses.map((witness, i) =>
      cosignCheckpoint({ sha256, ed25519Sign }, witness.key, witness.secretKey, text, seenSeconds[i] ?? 0),
    );
    return new TextDecoder().decode(formatNote({ text, signatures: [signature, ...cosignatures] }));
  };
  return {
    logKey: formatVerifierKey(note),
    proveStatement(topic, value, seenSeconds) {
      const salt = randomBytes(32);
      const statement = canonicalJson({ ...value, topic });
      const bytes = new TextEncoder().encode(statement);
      const root = hashLeaf(sha256, encodeLeaf(commitLeaf(primitives, salt, topic, bytes)));
      const checkpoint = checkpointOf(1, root, seenSeconds);
      return { statement, salt, leafIndex: 0, treeSize: 1, proof: [], checkpoint };
    },
    prove(peers, { unlogged = [] } = {}) {
      const logged = peers
        .filter(({ gateId }) => !unlogged.includes(gateId))
        .map((peer) => {
          const salt = randomBytes(32);
          const statement = canonicalJson({
            topic: "gate-certificate-issued",
            at: 1_795_305_600_000,
            gateId: peer.gateId,
            deviceKey: Buffer.from(peer.deviceKey).toString("base64url"),
            sealingKey: Buffer.from(peer.sealingKey).toString("base64url"),
            certificateSha256: "00",
          });
          const bytes = new TextEncoder().encode(statement);
          const leaf = encodeLeaf(commitLeaf(primitives, salt, "gate-certificate-issued", bytes));
          return { peer, salt, statement, hash: hashLeaf(sha256, leaf) };
        });
      // RFC 6962: the left part is the largest power of two below the count.
      const rootAndPaths = (hashes: readonly Uint8Array[]): { root: Uint8Array; paths: Uint8Array[][] } => {
        const [only] = hashes;
        if (only === undefined) throw new Error("expected a leaf");
        if (hashes.length === 1) return { root: only, paths: [[]] };
        const split = 2 ** Math.floor(Math.log2(hashes.length - 1));
        const left = rootAndPaths(hashes.slice(0, split));
        const right = rootAndPaths(hashes.slice(split));
        return {
          root: node(left.root, right.root),
          paths: [
            ...left.paths.map((path) => [...path, right.root]),
            ...right.paths.map((path) => [...path, left.root]),
          ],
        };
      };
      if (logged.length === 0) return peers;
      const { root, paths } = rootAndPaths(logged.map(({ hash }) => hash));
      const checkpoint = checkpointOf(
        logged.length,
        root,
        witnesses.map(() => 1_795_305_600),
      );
      return peers.map((peer) => {
        const index = logged.findIndex((one) => one.peer === peer);
        const entry = logged[index];
        return entry === undefined
          ? peer
          : {
              ...peer,
              evidence: {
                statement: entry.statement,
                salt: entry.salt,
                leafIndex: index,
                treeSize: logged.length,
                proof: paths[index] ?? [],
                checkpoint,
              },
            };
      });
    },
  };
}

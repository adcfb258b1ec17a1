import {
  coseSign1,
  ed25519FromSecret,
  ed25519Generate,
  ed25519Sign,
  hpkeGenerate,
  hpkeSeal,
  primitives,
  randomBytes,
  sha256,
  toHex,
} from "@menshen/crypto/node";
import { canonicalJson } from "@menshen/domain";
import {
  type CredentialStatement,
  commitLeaf,
  cosignCheckpoint,
  credentialTag,
  encodeLeaf,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  homeKeyCommitment,
  noteKey,
  signNote,
} from "@menshen/evidence";
import { credentialProofs, documentProof, externalAad, type LeafEvidence, sealedProofs } from "@menshen/wire";
import { logOrigin } from "../trail/leaf-proof.ts";
import { TEST_COMMUNITY_ID } from "./test-community.ts";
import { ACCESS_POINT, GATE } from "./test-site.ts";

/** A home with its key, as the server keeps it. */
export interface TestHome {
  readonly key: Uint8Array;
  /** Hexadecimal. */
  readonly tag: string;
}

/** How a proof is made: seen by the witness and signed by the log unless told. */
interface TestProof {
  readonly witnessed?: boolean;
  readonly forged?: boolean;
}

interface LoggedLeaf {
  readonly hash: Uint8Array;
  readonly statement: string;
  readonly salt: Uint8Array;
}

export type TestPublicLog = Awaited<ReturnType<typeof makeTestPublicLog>>;

/** An evidence log with one witness, a community's policy key, and a gate's sealing key: proofs as a server makes them. */
export async function makeTestPublicLog() {
  const origin = logOrigin(TEST_COMMUNITY_ID);
  const logKey = ed25519Generate();
  const witnessKey = ed25519Generate();
  const policyKey = ed25519Generate();
  const sealingKey = await hpkeGenerate();
  const note = noteKey(sha256, { name: origin, type: "ed25519", publicKey: logKey.publicKey });
  const witness = noteKey(sha256, {
    name: "witness.test",
    type: "ed25519-cosignature",
    publicKey: witnessKey.publicKey,
  });
  const leaves: LoggedLeaf[] = [];

  function append(statement: CredentialStatement, tag: Uint8Array): number {
    const text = canonicalJson({ ...statement });
    const salt = randomBytes(32);
    const committed = commitLeaf(primitives, salt, statement.topic, new TextEncoder().encode(text));
    leaves.push({ hash: hashLeaf(sha256, encodeLeaf({ ...committed, tag })), statement: text, salt });
    return leaves.length - 1;
  }

  /** RFC 6962 §2.1, and the hashes of subtrees without any of the leaves asked about. */
  function rootOf(start: number, end: number, asked: ReadonlySet<number>, proof: Uint8Array[]): Uint8Array {
    const holds = [...asked].some((index) => index >= start && index < end);
    const inner = holds ? proof : [];
    if (end - start === 1) {
      const hash = leaves[start]?.hash ?? new Uint8Array();
      if (!holds) proof.push(hash);
      return hash;
    }
    const split = start + 2 ** Math.ceil(Math.log2(end - start) - 1);
    const left = rootOf(start, split, asked, inner);
    const right = rootOf(split, end, asked, inner);
    const root = sha256(Uint8Array.of(1, ...left, ...right));
    if (!holds) proof.push(root);
    return root;
  }

  /** RFC 6962 §2.1.1. */
  function inclusionPath(start: number, end: number, index: number): Uint8Array[] {
    if (end - start === 1) return [];
    const split = start + 2 ** Math.ceil(Math.log2(end - start) - 1);
    const none = new Set<number>();
    return index < split
      ? [...inclusionPath(start, split, index), rootOf(split, end, none, [])]
      : [...inclusionPath(split, end, index), rootOf(start, split, none, [])];
  }

  function partsOf(indices: readonly number[], homes: readonly TestHome[], how: TestProof) {
    const proof: Uint8Array[] = [];
    const root = rootOf(0, leaves.length, new Set(indices), proof);
    const text = formatCheckpoint({ origin, size: leaves.length, root, extensions: [] });
    const signingKey = how.forged === true ? ed25519FromSecret(randomBytes(32)) : logKey;
    const signature = signNote({ sha256, ed25519Sign }, note, signingKey.secretKey, text);
    const cosignature = cosignCheckpoint(
      { sha256, ed25519Sign },
      witness,
      witnessKey.secretKey,
      text,
      1_795_305_600,
    );
    const signatures = how.witnessed === false ? [signature] : [signature, cosignature];
    return {
      checkpoint: new TextDecoder().decode(formatNote({ text, signatures })),
      leaves: indices
        .toSorted((a, b) => a - b)
        .flatMap((index) => {
          const leaf = leaves[index];
          return leaf === undefined ? [] : [{ index, statement: leaf.statement, salt: leaf.salt }];
        }),
      homeKeys: homes.map(({ key }) => key),
      proof,
    };
  }

  return {
    policy: { logKey: formatVerifierKey(note), witnesses: [formatVerifierKey(witness)], quorum: 1 },
    policyKey: policyKey.publicKey,
    sealingKey,
    size: () => leaves.length,

    /** Registers a home for doors; the same one again with other doors. */
    register(
      home?: TestHome,
      accessPointIds: readonly string[] = [ACCESS_POINT],
    ): TestHome & { readonly index: number } {
      const { key, tag } = home ?? { key: randomBytes(32), tag: toHex(randomBytes(16)) };
      const keyCommitment = toHex(homeKeyCommitment(primitives, key));
      const index = append(
        { topic: "dwelling-registered", at: 1, dwellingTag: tag, keyCommitment, accessPointIds },
        Buffer.from(tag, "hex"),
      );
      return { key, tag, index };
    },

    issue(home: TestHome, number: number, credentialKey: Uint8Array): number {
      return append(
        {
          topic: "credential-of-dwelling",
          at: 1,
          dwellingTag: home.tag,
          number,
          credentialKey: toHex(credentialKey),
          kind: "uid",
        },
        credentialTag(primitives, home.key, number),
      );
    },

    approve(credentialKey: Uint8Array): number {
      const tag = toHex(randomBytes(16));
      return append(
        {
          topic: "credential-of-staff",
          at: 1,
          tag,
          credentialKey: toHex(credentialKey),
          kind: "uid",
          approvedBy: ["10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"],
        },
        Buffer.from(tag, "hex"),
      );
    },

    /** The message that proves these leaves, cosigned or not; `forged`: another signs in the log's place. */
    async prove(
      indices: readonly number[],
      homes: readonly TestHome[],
      how: TestProof = {},
    ): Promise<Uint8Array> {
      const plaintext = credentialProofs.encode({
        version: 1,
        gateId: GATE,
        ...partsOf(indices, homes, how),
      });
      const info = externalAad("proofs");
      const sealed = await hpkeSeal({ recipientPublicKey: sealingKey.publicKey, info, plaintext });
      const payload = sealedProofs.encode({
        version: 1,
        gateId: GATE,
        encapsulatedKey: sealed.enc,
        ciphertext: sealed.ciphertext,
      });
      return coseSign1({ payload, key: policyKey, externalAad: info });
    },

    /** A public statement, and the proof that it stands in the log. */
    publish(topic: string, statement: string, how: TestProof = {}): LeafEvidence {
      const salt = randomBytes(32);
      const committed = commitLeaf(primitives, salt, topic, new TextEncoder().encode(statement));
      leaves.push({ hash: hashLeaf(sha256, encodeLeaf(committed)), statement, salt });
      const leafIndex = leaves.length - 1;
      const { checkpoint } = partsOf([leafIndex], [], how);
      const proof = inclusionPath(0, leaves.length, leafIndex);
      return { statement, salt, leafIndex, treeSize: leaves.length, proof, checkpoint };
    },

    /** The same as a telephone carries it. */
    carried: (indices: readonly number[], homes: readonly TestHome[], how: TestProof = {}): Uint8Array =>
      documentProof.encode({ version: 1, ...partsOf(indices, homes, how) }),
  };
}

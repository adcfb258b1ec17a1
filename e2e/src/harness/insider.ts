import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AccessCapability,
  ALIRO_ELEMENTS,
  type AliroSigner,
  credentialKeyOf,
  encodeDeviceResponse,
  issueAccessDocument,
  parseDeviceResponse,
  prepareVisitorPass,
  writePassText,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { type CommunityId, type CredentialKey, canonicalJson, Instant, PortalId } from "@menshen/domain";
import {
  commitLeaf,
  credentialTag,
  type EvidenceLeaf,
  encodeLeaf,
  formatCheckpoint,
  formatNote,
  hashLeaf,
  homeKeyCommitment,
  noteKey,
  parseEntryBundle,
  parseLeaf,
  signNote,
} from "@menshen/evidence";
import type { TestPostgres } from "@menshen/testkit/postgres";
import { type DocumentProof, documentProof } from "@menshen/wire";

const { fromHex, toHex, concatBytes, sha256, primitives } = crypto;
const utf8 = (text: string) => new TextEncoder().encode(text);

/** What an operator takes out of the server's own folder. */
export interface StolenKeys {
  /** Ed25519 seed of the evidence log. */
  readonly logSecret: Uint8Array;
  /** Opens what the database has sealed, as the server does. */
  readonly open: (sealed: Uint8Array, context: string) => Uint8Array;
  readonly seal: (plaintext: Uint8Array, context: string) => Uint8Array;
}

/** @param folder of the community server */
export function stealKeys(folder: string): StolenKeys {
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, "keys", name)));
  const info = utf8("menshen community storage v1");
  const key = crypto.hkdfSha256(read("storage.key"), new Uint8Array(), info, 32);
  return {
    logSecret: read("log.key"),
    open(sealed, context) {
      const opened = crypto.aesGcmOpen(key, sealed.subarray(0, 12), sealed.subarray(12), utf8(context));
      if (opened === undefined) throw new Error("expected a secret of this server");
      return opened;
    },
    seal(plaintext, context) {
      const nonce = crypto.randomBytes(12);
      return concatBytes(nonce, crypto.aesGcmSeal(key, nonce, plaintext, utf8(context)));
    },
  };
}

/** A document for a telephone at a door, as whoever has the issuer's key writes it. */
export function writeDocument(
  issuer: AliroSigner,
  phone: Uint8Array,
  portalId: string,
  proof: DocumentProof | undefined,
): Uint8Array {
  const nowS = Math.floor(Date.now() / 1_000);
  return issueAccessDocument(
    { primitives: { sha256 }, signer: issuer, random: crypto.randomBytes },
    {
      credential: phone,
      elements: new Map([
        [
          ALIRO_ELEMENTS.door(portalId),
          { rules: [{ capabilities: AccessCapability.momentary }], schedules: [] },
        ],
      ]),
      ...(proof === undefined ? {} : { notes: new Map([[ALIRO_ELEMENTS.log, documentProof.encode(proof)]]) }),
      validity: { signedS: nowS, fromS: nowS - 60, untilS: nowS + 3_600 },
      timeVerificationRequired: true,
    },
  );
}

const FORK_SIZE = 512;

/**
 * Another history of the log, with a home and a credential of it at the end, signed by the log's own key. No witness has seen
 * it.
 */
export function forkLog(
  logSecret: Uint8Array,
  communityId: string,
  credential: { readonly key: Uint8Array; readonly kind: string; readonly accessPointId: string },
): DocumentProof {
  const origin = `log.menshen.local/${communityId}`;
  const { publicKey } = crypto.ed25519FromSecret(logSecret);
  const key = noteKey(sha256, { name: origin, type: "ed25519", publicKey });
  const homeKey = crypto.randomBytes(32);
  const dwellingTag = toHex(crypto.randomBytes(16));
  const at = Date.now();
  const leaves = [
    {
      tag: fromHex(dwellingTag),
      statement: {
        topic: "dwelling-registered",
        at,
        dwellingTag,
        keyCommitment: toHex(homeKeyCommitment(primitives, homeKey)),
        accessPointIds: [credential.accessPointId],
      },
    },
    {
      tag: credentialTag(primitives, homeKey, 0),
      statement: {
        topic: "credential-of-dwelling",
        at,
        dwellingTag,
        number: 0,
        credentialKey: toHex(credential.key),
        kind: credential.kind,
      },
    },
  ].map(({ tag, statement }, position) => {
    const salt = crypto.randomBytes(32);
    const text = canonicalJson(statement);
    const hash = hashLeaf(
      sha256,
      encodeLeaf({ ...commitLeaf(primitives, salt, statement.topic, utf8(text)), tag }),
    );
    return { hash, opened: { index: FORK_SIZE - 2 + position, statement: text, salt } };
  });
  // All before the two leaves are subtrees that nobody looks into (RFC 6962 §2.1).
  const subtrees = Array.from({ length: Math.log2(FORK_SIZE) - 1 }, () => crypto.randomBytes(32));
  const pair = (left: Uint8Array, right: Uint8Array) => sha256(concatBytes(Uint8Array.of(1), left, right));
  const [first, second] = leaves.map(({ hash }) => hash);
  if (first === undefined || second === undefined) throw new Error("expected two leaves");
  const root = subtrees.reduceRight((right, left) => pair(left, right), pair(first, second));
  const text = formatCheckpoint({ origin, size: FORK_SIZE, root, extensions: [] });
  const signature = signNote({ sha256, ed25519Sign: crypto.ed25519Sign }, key, logSecret, text);
  return {
    version: 1,
    checkpoint: new TextDecoder().decode(formatNote({ text, signatures: [signature] })),
    leaves: leaves.map(({ opened }) => opened),
    homeKeys: [homeKey],
    proof: subtrees,
  };
}

/** What a document carries of the log. */
export function proofIn(documentHex: string): DocumentProof {
  const [document] = parseDeviceResponse(encodeDeviceResponse([fromHex(documentHex)])) ?? [];
  const note = document?.items.find(({ elementId }) => elementId === ALIRO_ELEMENTS.log)?.value;
  if (!(note instanceof Uint8Array)) throw new Error("expected a document with a proof");
  return documentProof.decode(note);
}

/** The proof with something else in its statements. */
export function restated(proof: DocumentProof, from: string, to: string): DocumentProof {
  const leaves = proof.leaves.map((leaf) => ({
    ...leaf,
    statement: leaf.statement.replaceAll(from, to),
  }));
  return { ...proof, leaves };
}

/** A visitor's pass for a door, as whoever signs it says. */
export function writeVisitorPass(
  signer: crypto.SigningKey,
  door: { readonly communityId: CommunityId; readonly portalId: string },
  delegate?: CredentialKey,
): string {
  const now = Date.now();
  const pass = prepareVisitorPass({
    primitives,
    communityId: door.communityId,
    alg: signer.alg,
    terms: {
      passId: crypto.randomBytes(8),
      purpose: "visitor",
      portals: [PortalId(door.portalId)],
      notBefore: Instant(now - 60_000),
      notAfter: Instant(now + 3_600_000),
      ...(delegate === undefined ? {} : { delegate }),
    },
  });
  return writePassText("visitor-pass", pass.finish(crypto.sign(signer, pass.toBeSigned)));
}

/** A credential like another one, put into the database without anything else that makes one. */
export async function insertByHand(
  pool: TestPostgres["pool"],
  stolen: StolenKeys,
  credential: {
    readonly kind: "uid" | "phone-pass";
    readonly identifier: Uint8Array;
    /** Id of the other one. */
    readonly like: string;
  },
): Promise<CredentialKey> {
  const { kind, identifier, like } = credential;
  const key = credentialKeyOf(primitives, kind, identifier);
  const id = randomUUID();
  await pool.query(
    `with part as (update model_part set version = version + 1 where part = 'credentials' returning version)
     insert into credential (id, key, kind, grade, label, sealed_identifier, door_groups, person_id, state, enrolled_at,
       state_changed_at, model_version)
     select $1, $2, $3, $4, label, $5, door_groups, person_id, 'active', now(), now(), part.version
     from credential, part where credential.id = $6`,
    [
      id,
      Buffer.from(key),
      kind,
      kind === "uid" ? "E" : "C",
      Buffer.from(stolen.seal(identifier, `identifier:${id}`)),
      like,
    ],
  );
  return key;
}

/** Entries of a log of at most 256, as anybody reads them from its server. */
export async function readLeaves(http: string): Promise<readonly EvidenceLeaf[]> {
  const { size } = await (await fetch(new URL("/api/v1/log", http))).json();
  if (size > 256) throw new Error(`expected a log of at most 256 entries, not ${size}`);
  const path = size % 256 === 0 ? "000" : `000.p/${size}`;
  const bundle = await fetch(new URL(`/log/tile/entries/${path}`, http));
  return (parseEntryBundle(new Uint8Array(await bundle.arrayBuffer())) ?? []).flatMap((entry) => {
    const parsed = parseLeaf(entry);
    return parsed.parsed ? [parsed.leaf] : [];
  });
}

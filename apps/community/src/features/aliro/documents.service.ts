import { randomUUID } from "node:crypto";
import {
  ALIRO_ELEMENTS,
  DOCUMENT_MAX_BYTES,
  encodeDeviceResponse,
  issueAccessDocument,
} from "@menshen/credentials";
import { randomBytes, sha256, toHex } from "@menshen/crypto/node";
import { Duration, Instant } from "@menshen/domain";
import {
  type AccessDocument,
  type AccessDocumentOrder,
  documentProof,
  LONGEST_DOCUMENT_DAYS,
  MAX_DOCUMENT_DOORS,
  WireError,
} from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeAuthor, ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { identifierContext } from "../credentials/index.ts";
import type { ModelCache } from "../publishing/index.ts";
import type { ProofsService } from "../transparency/index.ts";
import { accessOf } from "./access-of-order.ts";
import {
  insertDocument,
  type PhoneCredential,
  selectHolders,
  selectKeys,
  selectPhones,
} from "./aliro.store.ts";
import { signerOf } from "./aliro-secrets.ts";
import { doorsOpenThroughout } from "./document-doors.ts";
import { selectWithdrawnUntil } from "./phone-keys.store.ts";
import { issueRevocations, planRevocations } from "./revocations.ts";

const LONGEST_LIFE = Duration.days(LONGEST_DOCUMENT_DAYS);

export type AliroDocumentsService = ReturnType<typeof makeAliroDocumentsService>;

/**
 * Issues what telephones carry to doors that have not heard of them. A document is made only for a credential that the
 * evidence log proves already, and carries the proof: gates believe nothing of it without.
 */
export function makeAliroDocumentsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly cache: ModelCache;
  readonly proofs: Pick<ProofsService, "proveWitnessed">;
}) {
  const { db, clock, change, storageKey, cache, proofs } = dependencies;

  async function issue(
    author: ChangeAuthor,
    phone: PhoneCredential,
    order: AccessDocumentOrder,
  ): Promise<AccessDocument> {
    const period = periodOf(clock.now(), order, phone);
    if ((await selectWithdrawnUntil(db, phone.id, clock.now())) !== undefined) {
      throw refusal("conflict", "documents of this telephone were withdrawn and have not run out yet");
    }
    const { model } = await cache.current();
    const portalIds = choose(doorsOpenThroughout(model, phone.personId, period), order.portalIds);
    const [issuer] = (await selectKeys(db)).filter(({ use }) => use === "documents");
    if (issuer === undefined) throw refusal("conflict", "begin a group of readers first");
    const proven = await proofs.proveWitnessed(phone.key);
    if (proven === undefined) {
      throw refusal("conflict", "this credential does not stand in the published log yet");
    }
    const publicKey = storageKey.open(phone.sealedIdentifier, identifierContext(phone.id));
    const access = accessOf(order.windows, model.timeZone, period);
    const { checkpoint, leaves, homeKeys, proof } = proven;
    const document = issueAccessDocument(
      { primitives: { sha256 }, signer: signerOf(storageKey, issuer), random: randomBytes },
      {
        credential: publicKey,
        elements: new Map(portalIds.map((portalId) => [ALIRO_ELEMENTS.door(portalId), access])),
        notes: new Map([
          [
            ALIRO_ELEMENTS.log,
            sized(() => documentProof.encode({ version: 1, checkpoint, leaves, homeKeys, proof })),
          ],
        ]),
        validity: {
          signedS: Math.floor(clock.now() / 1_000),
          fromS: Math.floor(period.from / 1_000),
          untilS: Math.floor(period.until / 1_000),
        },
        timeVerificationRequired: true,
      },
    );
    if (encodeDeviceResponse([document]).length > DOCUMENT_MAX_BYTES) throw tooLarge();
    await change(author, async (scope) => {
      await insertDocument(scope.trx, {
        id: randomUUID(),
        credentialId: phone.id,
        publicKeyHash: sha256(publicKey),
        leafIds: proven.leafIds,
        issuedBy: author.actor?.staffId,
        at: scope.at,
        until: period.until,
      });
      await scope.record({
        action: "credential.document-issued",
        entity: "credential",
        entityId: phone.id,
        after: { from: period.from, until: period.until, portalIds },
      });
    });
    const revocations = await newestRevocations(db, clock.now());
    return {
      personId: phone.personId,
      portalIds,
      until: period.until,
      document: toHex(document),
      ...(revocations === undefined ? {} : { revocations: toHex(revocations) }),
      groups: await groupsOf(db),
    };
  }

  /** The list of telephones whose documents are worth nothing, for telephones to carry. */
  async function newestRevocations(reader: Reader, at: number): Promise<Uint8Array | undefined> {
    const [issuer] = (await selectKeys(reader)).filter(({ use }) => use === "documents");
    const plan = planRevocations(await selectHolders(reader, at));
    if (issuer === undefined || plan === undefined) return undefined;
    return issueRevocations(signerOf(storageKey, issuer), plan);
  }

  return {
    /** Readers that telephones of this community answer. */
    groups: (): Promise<AccessDocument["groups"]> => groupsOf(db),

    /**
     * Throws `not-found` for a credential that is no telephone's or is not active; `conflict` while the log does not prove
     * it, for a door that is not open to its holder all the time asked for, after a withdrawal, or without a group.
     */
    async issue(author: StaffAuthor, id: string, order: AccessDocumentOrder): Promise<AccessDocument> {
      authorise(author.actor, "credentials.write");
      const [phone] = await selectPhones(db, { id });
      if (phone === undefined) throw refusal("not-found", "no telephone that opens has this credential");
      return issue(author, phone, order);
    },

    /** The same for one's own telephone, with the same refusals. */
    async issueOwn(
      { personId }: SignedInResident,
      id: string,
      order: AccessDocumentOrder,
    ): Promise<AccessDocument> {
      const [phone] = await selectPhones(db, { id, personId });
      if (phone === undefined) throw refusal("not-found", "no telephone of yours has this credential");
      return issue({ actor: undefined, reason: { code: "routine" } }, phone, order);
    },
  };
}

/** Throws `invalid-request` for a time that is over, that lasts too long, or in which the credential does not hold. */
function periodOf(now: number, order: AccessDocumentOrder, { validFrom, validUntil }: PhoneCredential) {
  const from = Math.max(now, order.from ?? now);
  const { until } = order;
  const holds = (validFrom ?? from) <= from && until <= (validUntil ?? until);
  if (from < until && until - from <= LONGEST_LIFE && from - now <= LONGEST_LIFE && holds) {
    return { from: Instant(from), until: Instant(until) };
  }
  throw refusal(
    "invalid-request",
    `a document holds for ${LONGEST_DOCUMENT_DAYS} days at most, within its credential's time`,
    {
      fields: [{ path: "body/until", message: `expected at most ${LONGEST_DOCUMENT_DAYS} days` }],
    },
  );
}

function choose(open: ReadonlySet<string>, asked: readonly string[] | undefined): string[] {
  const portalIds = [...(asked ?? open)].toSorted();
  if (portalIds.length === 0 || !portalIds.every((id) => open.has(id))) {
    throw refusal("conflict", "a document names doors that are open to its holder at any time");
  }
  if (portalIds.length <= MAX_DOCUMENT_DOORS) return portalIds;
  throw refusal("invalid-request", `say which ${MAX_DOCUMENT_DOORS} of ${portalIds.length} doors`, {
    fields: [{ path: "body/portalIds", message: `expected at most ${MAX_DOCUMENT_DOORS}` }],
  });
}

/** Throws `conflict` for more than a telephone can carry. */
function sized(encode: () => Uint8Array): Uint8Array {
  try {
    return encode();
  } catch (fault) {
    if (fault instanceof WireError) throw tooLarge();
    throw fault;
  }
}

function tooLarge() {
  return refusal("conflict", "the log's proof is larger than a telephone can carry");
}

async function groupsOf(db: Reader): Promise<AccessDocument["groups"]> {
  return (await selectKeys(db)).flatMap(({ doorGroup, identifier, publicKey }) =>
    doorGroup === undefined || identifier === undefined
      ? []
      : [{ doorGroup, identifier: toHex(identifier), publicKey: toHex(publicKey) }],
  );
}

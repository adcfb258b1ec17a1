import { credentialKeyOf } from "@menshen/credentials";
import { coseVerify1, fromHex, hpkeOpen, primitives } from "@menshen/crypto/node";
import {
  AccessPointId,
  type CredentialKind,
  GateId,
  type Instant,
  PortalId,
  ReaderId,
  type Reason,
} from "@menshen/domain";
import {
  encodeJournalEntry,
  enrolResponse,
  externalAad,
  gateEndpoints,
  keyring,
  type PortalEvent,
  type ReaderEvent,
  sealedKeyring,
} from "@menshen/wire";
import { eventually } from "../gate-link/testing/eventually.ts";
import { TestGate } from "../gate-link/testing/test-gate.ts";
import { pseudonymOf } from "../keys/server-secrets.ts";
import type { TestServer } from "./test-server.ts";
import type { TestSite } from "./test-site.ts";

/** A connected gate that writes what a test tells it to. */
export interface JournalGate {
  readonly gate: TestGate;
  /** Writes an access entry and sends it; resolves when the server has stored it. Answers its sequence. */
  readonly access: (entry: {
    readonly at: Instant;
    readonly accessPointId: string;
    readonly granted: boolean;
    readonly reasons: readonly Reason[];
    /** Kind and identifier of the card presented; none: nothing was read. */
    readonly card?: { readonly kind: CredentialKind; readonly identifier: string };
  }) => Promise<number>;
  readonly portal: (at: Instant, portalId: string, event: PortalEvent) => Promise<number>;
  readonly reader: (at: Instant, readerId: string, event: ReaderEvent) => Promise<number>;
}

/** Enrols the site's gate and connects it; it learns the pseudonym key from its keyring, like any gate. */
export async function connectGate(server: TestServer, site: TestSite): Promise<JournalGate> {
  const gate = await TestGate.make(GateId(site.gateId));
  const { code, enrolUrl } = await site.secure.call(gateEndpoints.enrolmentCode, {
    params: { id: site.gateId },
  });
  gate.enrolment = enrolResponse.decode((await gate.enrol(server, enrolUrl, code)).body);
  const { policyKey } = gate.enrolment;
  await gate.connect(server);
  await gate.sayHello();
  const message = await eventually(
    "keyring",
    () => gate.received.find((received) => received.kind === "keyring")?.payload,
  );
  const verified = coseVerify1({
    message,
    key: { alg: "EdDSA", publicKey: policyKey },
    externalAad: externalAad("keyring"),
  });
  if (!verified.verified) throw new Error(verified.reason);
  const sealed = sealedKeyring.decode(verified.payload);
  const opened = await hpkeOpen({
    key: gate.sealingKey,
    enc: sealed.encapsulatedKey,
    ciphertext: sealed.ciphertext,
    info: externalAad("keyring"),
  });
  const { pseudonymKey } = keyring.decode(opened ?? new Uint8Array());

  async function append(entry: (sequence: number) => Uint8Array): Promise<number> {
    const sequence = gate.journal.length + 1;
    gate.journal.push(entry(sequence));
    await gate.send("journal", gate.batch(sequence, 1));
    return sequence;
  }
  const header = (sequence: number, at: Instant) => ({
    version: 1 as const,
    sequence,
    earliest: at,
    latest: at,
  });
  return {
    gate,
    access: ({ at, accessPointId, granted, reasons, card }) =>
      append((sequence) =>
        encodeJournalEntry({
          ...header(sequence, at),
          kind: "access",
          body: {
            accessPointId: AccessPointId(accessPointId),
            granted,
            reasons: [...reasons],
            snapshotVersion: 1,
            lockDriven: granted,
            ...(card === undefined
              ? {}
              : {
                  kind: card.kind,
                  grade: "B" as const,
                  pseudonym: pseudonymOf(
                    pseudonymKey,
                    credentialKeyOf(primitives, card.kind, fromHex(card.identifier)),
                  ),
                }),
          },
        }),
      ),
    portal: (at, portalId, event) =>
      append((sequence) =>
        encodeJournalEntry({
          ...header(sequence, at),
          kind: "portal",
          body: { portalId: PortalId(portalId), event },
        }),
      ),
    reader: (at, readerId, event) =>
      append((sequence) =>
        encodeJournalEntry({
          ...header(sequence, at),
          kind: "reader",
          body: { readerId: ReaderId(readerId), event },
        }),
      ),
  };
}

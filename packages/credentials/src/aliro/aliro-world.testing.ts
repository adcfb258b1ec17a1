import * as browser from "@menshen/crypto";
import { toHex } from "@menshen/crypto";
import { type AliroDeviceOptions, makeAliroDevice, seededRandom } from "@menshen/virtual-devices";
import type { AliroReaderOptions } from "./aliro-reader.ts";
import {
  credentialKey,
  documentIssuer,
  groupIdentifier,
  identity,
  primitives,
  readerKey,
  signerOf,
} from "./aliro-vectors.testing.ts";
import { AccessCapability, type AccessData } from "./document/access-data.ts";
import { issueAccessDocument, issueRevocationDocument } from "./document/issue-document.ts";
import type { RevocationData } from "./document/revocation.ts";
import { makeMailbox } from "./mailbox.ts";

const random = seededRandom("aliro").bytes;

/** A Monday, 2026-06-01T08:00:00Z. */
export const NOW_S = 1_780_300_800;
export const DAY_S = 86_400;
export const time = { earliestS: NOW_S, latestS: NOW_S + 5, utcOffsetS: 8 * 3_600 };

/** A telephone of its own with everything on it; `mailbox`, `kpersistents` and `statuses` can be looked at. */
export function phone(
  options: Partial<AliroDeviceOptions> & { readonly documents?: readonly Uint8Array[] } = {},
) {
  const { documents = [accessDocument()], ...others } = options;
  const kpersistents = new Map<string, Uint8Array>();
  const statuses: number[] = [];
  const mailbox = makeMailbox(new Uint8Array(16), { readable: true, writable: true });
  const device = makeAliroDevice({
    primitives,
    credentials: [
      {
        keyPair: credentialKey,
        groups: [{ identifier: groupIdentifier, key: readerKey.publicKey }],
        documents,
        mailbox,
        kpersistents,
      },
    ],
    random,
    ephemeral: browser.p256Generate,
    onStatus: (status) => statuses.push(status),
    ...others,
  });
  return { device, mailbox, kpersistents, statuses };
}

/** How a door reads it. */
export function doorOptions(options: Partial<AliroReaderOptions> = {}): AliroReaderOptions {
  return {
    primitives,
    identity,
    ephemeral: browser.p256Generate,
    random,
    accepts: (publicKey) => toHex(publicKey) === toHex(credentialKey.publicKey),
    ...options,
  };
}

export const everyDay: AccessData = {
  id: new TextEncoder().encode("unit-1"),
  rules: [{ capabilities: AccessCapability.momentary }],
  schedules: [],
};

export const validity = { signedS: NOW_S - DAY_S, fromS: NOW_S - DAY_S, untilS: NOW_S + 30 * DAY_S };
export const issuer = { primitives, signer: signerOf(documentIssuer), random };

export function accessDocument(
  data: AccessData = everyDay,
  change: Partial<Parameters<typeof issueAccessDocument>[1]> = {},
): Uint8Array {
  return issueAccessDocument(issuer, {
    credential: credentialKey.publicKey,
    elements: new Map([["door", data]]),
    validity,
    timeVerificationRequired: true,
    ...change,
  });
}

export function revocationDocument(data: RevocationData, iteration = 1): Uint8Array {
  return issueRevocationDocument(issuer, {
    elementId: "revoked",
    data,
    validity: { ...validity, iteration },
  });
}

export const doorRequest = [{ documentType: "aliro-a", elements: new Map([["door", false]]) }];

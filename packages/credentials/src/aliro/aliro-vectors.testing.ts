import * as browser from "@menshen/crypto";
import { fromHex, toHex } from "@menshen/crypto";
import { type AliroDeviceOptions, makeAliroDevice } from "@menshen/virtual-devices";
import json from "../../vectors/aliro.json" with { type: "json" };
import type { CardChannel } from "../channel/card-channel.ts";
import type { AliroReaderIdentity } from "./aliro-reader.ts";
import { makeMailbox } from "./mailbox.ts";

/** The vectors hold deterministic signatures (RFC 6979), which only the browser module makes. */
export const primitives = browser;
export const vectors = json;

/** Bytes of a vector's value; a value that is missing fails the test. */
export function hex(value: unknown): Uint8Array {
  if (typeof value !== "string") throw new Error("the vector has no such value");
  return fromHex(value);
}

const { common } = vectors;
export const readerKey = browser.p256FromSecret(hex(common.reader_private));
export const readerIssuer = browser.p256FromSecret(hex(common.reader_issuer_ca_private));
export const credentialKey = browser.p256FromSecret(hex(common.credential_private));
export const documentIssuer = browser.p256FromSecret(hex(common.document_issuer_private));
export const readerIdentifier = hex(common.reader_identifier);
export const groupIdentifier = hex(common.reader_group_identifier);

/** Answers of the vectors' device: how it describes itself is part of every key. */
export const selectAnswer = hex(common.select_response);

export function signerOf(key: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }) {
  return {
    publicKey: key.publicKey,
    sign: (message: Uint8Array) => browser.p256Sign(key.secretKey, message),
  };
}

/** A random source that gives what it was filled with, then fails. */
export function given(...values: readonly Uint8Array[]): (lengthBytes: number) => Uint8Array {
  const left = [...values];
  return (lengthBytes) => {
    const next = left.shift();
    if (next?.length !== lengthBytes) throw new Error(`no random bytes of length ${lengthBytes} were given`);
    return next.slice();
  };
}

/** Ephemeral key pairs from their secrets, one after the other. */
export function ephemerals(...secrets: readonly string[]): () => browser.SigningKey {
  const left = [...secrets];
  return () => browser.p256FromSecret(fromHex(left.shift() ?? ""));
}

/** The vectors' device: one credential, one group, a mailbox of 64 bytes. */
export function vectorDevice(
  groupKey: unknown,
  {
    documents = [],
    ...options
  }: Partial<AliroDeviceOptions> & { readonly documents?: readonly Uint8Array[] } = {},
) {
  const kpersistents = new Map<string, Uint8Array>();
  const device = makeAliroDevice({
    primitives,
    credentials: [
      {
        keyPair: credentialKey,
        groups: [{ identifier: groupIdentifier, key: hex(groupKey) }],
        documents,
        mailbox: makeMailbox(new Uint8Array(64), { readable: true, writable: true }),
        kpersistents,
      },
    ],
    random: given(),
    ephemeral: ephemerals(),
    selectAnswer,
    ...options,
  });
  return { device, kpersistents };
}

export const identity: AliroReaderIdentity = { identifier: readerIdentifier, signer: signerOf(readerKey) };

/** A channel that expects the commands of a transcript in order and gives its answers. */
export function transcriptChannel(
  steps: readonly { readonly command: string; readonly response: string }[],
): CardChannel & { readonly left: () => number } {
  const waiting = [...steps];
  return {
    kind: "in-process",
    left: () => waiting.length,
    async transceive(command) {
      const step = waiting.shift();
      if (toHex(command) !== step?.command) {
        throw new Error(`the reader sent ${toHex(command)}, the transcript says ${step?.command}`);
      }
      return fromHex(step.response);
    },
    close: async () => {},
  };
}

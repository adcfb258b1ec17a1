import { concatBytes } from "@menshen/crypto";
import { encodeCommand, parseResponse, type ResponseApdu, StatusWord } from "../apdu/apdu.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import type { PkocCertificate, PkocCertificateRefusal, PkocValidation } from "./certificate.ts";
import { readPkocCertificate, refusePkocCertificate } from "./certificate.ts";
import {
  isPkocV2Information,
  PKOC_CHALLENGE_BYTES,
  PKOC_TRANSACTION_BYTES,
  PKOC_VERSION_1,
  PkocTag,
  pkocAuthenticateCommand,
  pkocGetDataCommand,
  pkocInternalAuthenticateCommand,
  pkocSelectCommand,
  readPkocProof,
  readPkocSignature,
  readPkocVersions,
} from "./nfc-messages.ts";
import type { PkocPrimitives } from "./pkoc-primitives.ts";

/** How a PKOC card is read over NFC. */
export interface ReadPkocOptions {
  readonly primitives: Pick<PkocPrimitives, "p256Verify" | "isP256Point">;
  /** Fresh random bytes: the operating system's generator in production. */
  readonly random: (lengthBytes: number) => Uint8Array;
  /** 32 bytes that name this reader to the card; the card does not sign them. */
  readonly readerIdentifier: Uint8Array;
  /** Asks for a card's certificate and believes only these issuers. Absent: the key alone counts. */
  readonly validation?: PkocValidation;
}

/**
 * Why a card that has the PKOC application proved nothing:
 * - `wrong-key`: the signature is not that of the key shown, over this reader's random bytes;
 * - `protocol-error`: an answer out of form, or a refusal in mid-flow;
 * - `certificate-required`: certificates are asked for, and the card has none (SE V1);
 * - else what is wrong with the certificate.
 */
export type PkocRefusal = "wrong-key" | "protocol-error" | "certificate-required" | PkocCertificateRefusal;

/** What came of a card in the field. */
export type PkocReading =
  | {
      readonly outcome: "authentic";
      readonly profile: "se-v1" | "se-v2";
      /** The key that the card proved to hold, 65 bytes: what is enrolled when a resident shows it. */
      readonly publicKey: Uint8Array;
      /** The certificate of an SE V2 card that was asked for and held. */
      readonly certificate?: PkocCertificate;
    }
  | { readonly outcome: "refused"; readonly reason: PkocRefusal }
  /** The card does not know the application: some other card. */
  | { readonly outcome: "absent" };

/** Longest certificate that is fetched; a chain of answers without end is none. */
const MAX_CERTIFICATE_BYTES = 2_048;

/**
 * Makes a card prove its PKOC key (NFC Transport Profile 2.0.1 §3). Proved is that the key was in the field at this
 * moment; not that the card was near (relay), and not to which door: the signature covers the reader's random bytes only.
 *
 * A card that says it is SE V2 is held to it: what fails then is refused, never tried again as SE V1.
 *
 * @throws {CredentialError} the channel's: `card-removed`, `timeout`, `closed`, `transport`
 */
export async function readPkocCard(channel: CardChannel, options: ReadPkocOptions): Promise<PkocReading> {
  try {
    const selected = await exchange(channel, pkocSelectCommand());
    if (selected.sw !== StatusWord.ok) return { outcome: "absent" };
    const versions = readPkocVersions(selected.data);
    const information = await exchange(channel, pkocGetDataCommand(PkocTag.information));
    if (information.sw === StatusWord.ok && isPkocV2Information(information.data)) {
      return await authenticateV2(channel, options);
    }
    if (options.validation !== undefined) return refused("certificate-required");
    if (!versions.some(([major, minor]) => major === PKOC_VERSION_1[0] && minor === PKOC_VERSION_1[1])) {
      return refused("protocol-error");
    }
    return await authenticateV1(channel, options);
  } catch (error) {
    if (error instanceof CredentialError && error.code === "malformed") return refused("protocol-error");
    throw error;
  }
}

/**
 * Checks what a card answered to AUTHENTICATE: also for a reader that ran the flow and sent the answer on (OSDP).
 *
 * @param transactionId the 16 bytes this side drew for exactly this attempt
 */
export function verifyPkocProof(
  primitives: Pick<PkocPrimitives, "p256Verify" | "isP256Point">,
  proof: { readonly publicKey: Uint8Array; readonly signature: Uint8Array },
  transactionId: Uint8Array,
): boolean {
  return (
    transactionId.length === PKOC_TRANSACTION_BYTES &&
    primitives.isP256Point(proof.publicKey) &&
    primitives.p256Verify(proof.publicKey, transactionId, proof.signature)
  );
}

async function authenticateV1(channel: CardChannel, options: ReadPkocOptions): Promise<PkocReading> {
  const transactionId = options.random(PKOC_TRANSACTION_BYTES);
  const answer = await exchange(channel, pkocAuthenticateCommand(transactionId, options.readerIdentifier));
  if (answer.sw !== StatusWord.ok) return refused("protocol-error");
  const proof = readPkocProof(answer.data);
  if (!verifyPkocProof(options.primitives, proof, transactionId)) return refused("wrong-key");
  return { outcome: "authentic", profile: "se-v1", publicKey: proof.publicKey };
}

async function authenticateV2(
  channel: CardChannel,
  { primitives, random, validation }: ReadPkocOptions,
): Promise<PkocReading> {
  const certificateBytes = await fetchCertificate(channel);
  if (certificateBytes === undefined) return refused("protocol-error");
  const certificate = readPkocCertificate(certificateBytes);
  if (validation !== undefined) {
    const refusal = refusePkocCertificate(primitives, certificate, validation);
    if (refusal !== undefined) return refused(refusal);
  }
  const challenge = random(PKOC_CHALLENGE_BYTES);
  const answer = await exchange(channel, pkocInternalAuthenticateCommand(challenge));
  if (answer.sw !== StatusWord.ok) return refused("protocol-error");
  const { publicKey } = certificate;
  const signature = readPkocSignature(answer.data);
  if (!primitives.isP256Point(publicKey) || !primitives.p256Verify(publicKey, challenge, signature)) {
    return refused("wrong-key");
  }
  return {
    outcome: "authentic",
    profile: "se-v2",
    publicKey,
    ...(validation === undefined ? {} : { certificate }),
  };
}

/** GET DATA, and GET RESPONSE as long as the card has more (61xx, ISO/IEC 7816-4 §5.3.4). */
async function fetchCertificate(channel: CardChannel): Promise<Uint8Array | undefined> {
  let answer = await exchange(channel, pkocGetDataCommand(PkocTag.certificate));
  let bytes = answer.data;
  while (answer.sw >> 8 === 0x61) {
    const le = (answer.sw & 0xff) === 0 ? 256 : answer.sw & 0xff;
    answer = await exchange(
      channel,
      encodeCommand({ cla: 0x00, ins: 0xc0, p1: 0, p2: 0, data: new Uint8Array(), le }),
    );
    bytes = concatBytes(bytes, answer.data);
    if (answer.data.length === 0 || bytes.length > MAX_CERTIFICATE_BYTES) return undefined;
  }
  return answer.sw === StatusWord.ok ? bytes : undefined;
}

async function exchange(channel: CardChannel, command: Uint8Array): Promise<ResponseApdu> {
  return parseResponse(await channel.transceive(command));
}

function refused(reason: PkocRefusal): PkocReading {
  return { outcome: "refused", reason };
}

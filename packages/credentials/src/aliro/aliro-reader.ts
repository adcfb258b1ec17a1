import { equalBytes, wipe } from "@menshen/crypto";
import { encodeCommand, parseResponse } from "../apdu/apdu.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv } from "../tlv/ber-tlv.ts";
import {
  AliroAid,
  AliroCommand,
  AliroStatusWord,
  ControlFlowReason,
  ReaderStatus,
  type ReaderStatusValue,
  SignalingBit,
} from "./aliro-codes.ts";
import type { AliroKeyPair, AliroPrimitives } from "./aliro-primitives.ts";
import { type AliroLimits, transmit } from "./aliro-transport.ts";
import {
  type Auth0Answer,
  type Auth0Command,
  auth0Flags,
  encodeAuth0,
  parseAuth0Answer,
  TRANSACTION_ID_BYTES,
} from "./auth0-message.ts";
import {
  type Auth1Answer,
  type DocumentTimes,
  encodeAuth1,
  parseAuth1Answer,
  parseCryptogramPlaintext,
} from "./auth1-message.ts";
import { type DocumentRequest, encodeDeviceRequest } from "./document/device-request.ts";
import { encodeEnvelope, parseEnvelope } from "./envelope-message.ts";
import {
  type ExchangeAnswer,
  type ExchangeCommand,
  encodeExchange,
  parseExchangeAnswer,
} from "./exchange-message.ts";
import {
  ALIRO_VERSION,
  AliroInterface,
  type AliroStandardKeys,
  type AliroTransaction,
  deriveCryptogramKey,
  deriveFastKeys,
  deriveKdh,
  deriveKpersistent,
  deriveStandardKeys,
  deriveStepUpKeys,
  deviceSignatureInput,
  readerSignatureInput,
} from "./key-derivation.ts";
import type { AliroPossession } from "./possession.ts";
import type { AliroSigner } from "./reader-certificate.ts";
import { AliroChannel } from "./secure-channel.ts";
import { parseSelectAnswer, type SelectAnswer } from "./select-message.ts";

/** Who a reader is. */
export interface AliroReaderIdentity {
  /** Group identifier and sub-identifier, 32 bytes. */
  readonly identifier: Uint8Array;
  readonly signer: AliroSigner;
  /** With it, devices need to know the issuer only, and a stolen reader's key dies with its certificate. */
  readonly certificate?: {
    readonly bytes: Uint8Array;
    readonly issuerPublicKey: Uint8Array;
    readonly sentIn: "load-cert" | "auth1";
  };
}

/** A credential with which a standard transaction has been held before. */
export interface AliroKnownCredential {
  /** 65 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 bytes. */
  readonly kpersistent: Uint8Array;
}

/** How a reader holds one transaction. */
export interface AliroReaderOptions {
  readonly primitives: AliroPrimitives;
  readonly identity: AliroReaderIdentity;
  /** A fresh P-256 key pair. */
  readonly ephemeral: () => AliroKeyPair;
  /** Fresh random bytes. */
  readonly random: (lengthBytes: number) => Uint8Array;
  /** Credentials to try the fast way with; absent, the reader does not ask for it. */
  readonly known?: readonly AliroKnownCredential[];
  /** Whether a proved credential is one of ours; a credential that is not is told so (0001) and refused. */
  readonly accepts: (publicKey: Uint8Array) => boolean;
  /** Asks for the key slot instead of the public key, and finds the key by it. */
  readonly byKeySlot?: (slot: Uint8Array) => Uint8Array | undefined;
  /** Tag 42, 1 unless told. */
  readonly policy?: 1 | 2 | 3;
  /** See {@link AliroLimits}. */
  readonly chunkBytes?: number;
  /** Selects the step-up application even where the device does not ask for it. */
  readonly selectsStepUp?: boolean;
  /** A whole B1 element; better left out, since sources disagree on how it enters the keys. */
  readonly vendor?: Uint8Array;
}

/**
 * Why a transaction ended without a credential.
 *
 * - `not-aliro`: there is no such application on the device;
 * - `no-common-version`;
 * - `device-refused`: a status word, in `statusWord`;
 * - `malformed`: an answer out of form, with keys of the wrong length, or off the curve;
 * - `not-authentic`: the answer to AUTH1 does not open, or is not signed by the credential it names;
 * - `no-identity`: the answer does not name the credential in the way that was asked for;
 * - `unknown-credential`: it is authentic, and nobody's.
 */
export type AliroRefusal =
  | "not-aliro"
  | "no-common-version"
  | "device-refused"
  | "malformed"
  | "not-authentic"
  | "no-identity"
  | "unknown-credential";

/** What came of one transaction. */
export type AliroReading =
  | { readonly outcome: "authenticated"; readonly session: AliroReaderSession }
  | {
      readonly outcome: "refused";
      readonly reason: AliroRefusal;
      /** What the device was told, if there were keys to tell it with. */
      readonly readerStatus?: ReaderStatusValue;
      readonly statusWord?: number;
    };

/**
 * A device whose credential is proved. Nothing is open yet: the decision is the caller's, and {@link finish} says it.
 *
 * Every call throws `CredentialError`: `card-status` when the device refuses, `integrity`, `malformed` or `exhausted`
 * when its answers are not what they have to be, and what the channel throws. The session is over then.
 */
export interface AliroReaderSession {
  readonly method: "standard" | "fast";
  /** The credential's public key, 65 bytes. */
  readonly publicKey: Uint8Array;
  /** Bits of `SignalingBit`; all of them 0 where the device did not tell. */
  readonly signaling: number;
  readonly times: DocumentTimes;
  /** After a standard transaction: the key for the next fast one, 32 bytes; it replaces the one before. */
  readonly kpersistent?: Uint8Array;
  /** After a standard transaction: what the device signed, for somebody else to check. */
  readonly possession?: AliroPossession;
  /** Asks for documents (step-up), after AUTH1 if the transaction was fast. A DeviceResponse, not yet checked. */
  readonly requestDocuments: (requests: readonly DocumentRequest[]) => Promise<Uint8Array>;
  /** Holds one EXCHANGE that is not the last. */
  readonly exchange: (command: Omit<ExchangeCommand, "readerStatus">) => Promise<ExchangeAnswer>;
  /** Says the end and wipes the keys, even when the device is gone; resolves to whether the device confirmed it. */
  readonly finish: (status: ReaderStatusValue) => Promise<boolean>;
}

/**
 * Holds one Aliro transaction as a reader over NFC: SELECT, AUTH0, and where a fast answer does not suffice LOAD CERT
 * and AUTH1.
 *
 * @throws {CredentialError} `card-removed`, `timeout`, `transport`, `closed` from the channel; nothing was granted then
 */
export async function readAliro(channel: CardChannel, options: AliroReaderOptions): Promise<AliroReading> {
  const selected = await transmit(channel, { ...AliroCommand.select, p1: 0x04 }, AliroAid.expedited, {});
  if (selected.sw !== AliroStatusWord.ok) return { outcome: "refused", reason: "not-aliro" };
  let answer: SelectAnswer;
  try {
    answer = parseSelectAnswer(selected.data);
    if (!equalBytes(answer.aid, AliroAid.expedited)) {
      throw new CredentialError("malformed", "expected the application that was selected");
    }
  } catch (error) {
    return stopped(channel, refusalOf(error, "malformed"), ControlFlowReason.unspecified);
  }
  if (!answer.versions.includes(ALIRO_VERSION)) {
    return stopped(channel, { reason: "no-common-version" }, ControlFlowReason.noCommonVersion);
  }
  const transfer = new ReaderTransaction(channel, options, answer);
  const begun = await transfer.begin();
  if (begun !== undefined) return stopped(channel, begun, ControlFlowReason.unspecified);
  return transfer.tryFast() ?? transfer.authenticate(undefined);
}

type Refusal = Omit<Extract<AliroReading, { outcome: "refused" }>, "outcome">;

/** Ends a transaction that has no keys yet: CONTROL FLOW, whose answer does not matter. */
async function stopped(channel: CardChannel, refusal: Refusal, reason: number): Promise<AliroReading> {
  const data = Uint8Array.from([
    ...encodeTlv(0x41, Uint8Array.of(0)),
    ...encodeTlv(0x42, Uint8Array.of(reason)),
  ]);
  parseResponse(await channel.transceive(encodeCommand({ ...AliroCommand.controlFlow, p1: 0, p2: 0, data })));
  return { outcome: "refused", ...refusal };
}

/** A fault of form as a refusal; everything else is thrown on. */
function refusalOf(error: unknown, reason: AliroRefusal): Refusal {
  if (error instanceof CredentialError && error.code === "malformed") return { reason };
  throw error;
}

/** One transaction from AUTH0 on. */
class ReaderTransaction {
  readonly #channel: CardChannel;
  readonly #options: AliroReaderOptions;
  readonly #limits: AliroLimits;
  readonly #selected: SelectAnswer;
  readonly #command: Auth0Command;
  readonly #ephemeral: AliroKeyPair;
  #answer: Auth0Answer | undefined;
  #transaction: AliroTransaction | undefined;

  constructor(channel: CardChannel, options: AliroReaderOptions, selected: SelectAnswer) {
    const { maxCommandBytes } = selected;
    this.#channel = channel;
    this.#options = options;
    this.#selected = selected;
    this.#limits = {
      ...(maxCommandBytes === undefined ? {} : { maxCommandBytes }),
      ...(options.chunkBytes === undefined ? {} : { chunkBytes: options.chunkBytes }),
    };
    this.#ephemeral = options.ephemeral();
    this.#command = {
      fast: options.known !== undefined,
      policy: options.policy ?? 1,
      version: ALIRO_VERSION,
      readerEphemeral: this.#ephemeral.publicKey,
      transactionId: options.random(TRANSACTION_ID_BYTES),
      readerIdentifier: options.identity.identifier,
      ...(options.vendor === undefined ? {} : { vendor: options.vendor }),
    };
  }

  /** AUTH0; `undefined` if it went well. */
  async begin(): Promise<Refusal | undefined> {
    const { data, sw } = await this.#send(AliroCommand.auth0, encodeAuth0(this.#command));
    if (sw !== AliroStatusWord.ok) return { reason: "device-refused", statusWord: sw };
    try {
      this.#answer = parseAuth0Answer(data, this.#command.fast);
    } catch (error) {
      return refusalOf(error, "malformed");
    }
    const { identity } = this.#options;
    const { deviceEphemeral, vendor } = this.#answer;
    this.#transaction = {
      groupKey: identity.certificate?.issuerPublicKey ?? identity.signer.publicKey,
      readerIdentifier: identity.identifier,
      interfaceByte: AliroInterface.nfc,
      version: ALIRO_VERSION,
      readerEphemeral: this.#ephemeral.publicKey,
      deviceEphemeral,
      transactionId: this.#command.transactionId,
      flags: auth0Flags(this.#command),
      proprietary: this.#selected.proprietary,
      ...(this.#command.vendor === undefined ? {} : { readerVendor: this.#command.vendor }),
      ...(vendor === undefined ? {} : { deviceVendor: vendor }),
    };
    return undefined;
  }

  /** A session for the credential whose key opens the cryptogram, if there is one. */
  tryFast(): AliroReading | undefined {
    const { primitives, known = [], accepts } = this.#options;
    const cryptogram = this.#answer?.cryptogram;
    const transaction = this.#known();
    if (cryptogram === undefined) return undefined;
    for (const { publicKey, kpersistent } of known) {
      const key = deriveCryptogramKey(primitives, kpersistent, transaction, publicKey);
      const plaintext = primitives.aesGcmOpen(key, new Uint8Array(12), cryptogram);
      if (plaintext === undefined) continue;
      let told: Pick<Auth1Answer, "signaling" | "times">;
      try {
        told = parseCryptogramPlaintext(plaintext);
      } catch (error) {
        refusalOf(error, "malformed");
        continue;
      }
      // Its owner may have lost it since: then AUTH1 goes on and says so in the usual way.
      if (!accepts(publicKey)) return undefined;
      const { exchange } = deriveFastKeys(primitives, kpersistent, transaction, publicKey);
      const channel = new AliroChannel(primitives, "reader", exchange);
      return {
        outcome: "authenticated",
        session: this.#session("fast", publicKey, told, channel, undefined),
      };
    }
    return undefined;
  }

  /** LOAD CERT and AUTH1. `expected` is the credential of a fast answer that goes before. */
  async authenticate(expected: Uint8Array | undefined): Promise<AliroReading> {
    const { primitives, identity, byKeySlot } = this.#options;
    const transaction = this.#known();
    const agreed = primitives.p256Agree(this.#ephemeral.secretKey, transaction.deviceEphemeral);
    if (agreed === undefined) {
      return stopped(this.#channel, { reason: "malformed" }, ControlFlowReason.unspecified);
    }
    const { certificate } = identity;
    if (certificate?.sentIn === "load-cert") {
      const { sw } = await this.#send(AliroCommand.loadCert, certificate.bytes);
      if (sw !== AliroStatusWord.ok) return this.#refusedBy(sw);
    }
    const signature = identity.signer.sign(readerSignatureInput(transaction));
    const { data, sw } = await this.#send(
      AliroCommand.auth1,
      encodeAuth1({
        wantsPublicKey: byKeySlot === undefined,
        signature,
        ...(certificate?.sentIn === "auth1" ? { certificate: certificate.bytes } : {}),
      }),
    );
    if (sw !== AliroStatusWord.ok) return this.#refusedBy(sw);

    const kdh = deriveKdh(primitives, agreed, transaction.transactionId);
    const keys = deriveStandardKeys(primitives, kdh, transaction);
    try {
      const exchange = new AliroChannel(primitives, "reader", keys.exchange);
      const checked = this.#check(exchange, data, transaction);
      if ("status" in checked || (expected !== undefined && !equalBytes(checked.publicKey, expected))) {
        const refusal: CheckedAnswer =
          "status" in checked ? checked : { reason: "not-authentic", status: ReaderStatus.badContent };
        return await this.#refuse(keys, refusal);
      }
      const { answer, publicKey, possession } = checked;
      const kpersistent = deriveKpersistent(primitives, kdh, transaction, publicKey);
      const session = this.#session("standard", publicKey, answer, exchange, {
        kpersistent,
        possession,
        keys,
      });
      return { outcome: "authenticated", session };
    } finally {
      wipe(kdh, agreed, keys.exchange.reader, keys.exchange.device, keys.stepUp, keys.ble, keys.ursk);
    }
  }

  #check(
    exchange: AliroChannel,
    data: Uint8Array,
    transaction: AliroTransaction,
  ): CheckedAnswer | ProvedAnswer {
    const { primitives, byKeySlot, accepts } = this.#options;
    let plaintext: Uint8Array;
    try {
      plaintext = exchange.open(data);
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      return { reason: "not-authentic", status: ReaderStatus.badContent };
    }
    let answer: Auth1Answer;
    try {
      answer = parseAuth1Answer(plaintext);
    } catch (error) {
      return { ...refusalOf(error, "malformed"), status: ReaderStatus.badFormat };
    }
    const { keySlot, signature } = answer;
    if (byKeySlot === undefined && answer.publicKey === undefined) {
      return { reason: "no-identity", status: ReaderStatus.noPublicKey };
    }
    if (byKeySlot !== undefined && keySlot === undefined) {
      return { reason: "no-identity", status: ReaderStatus.noKeySlot };
    }
    const publicKey =
      byKeySlot === undefined || keySlot === undefined ? answer.publicKey : byKeySlot(keySlot);
    if (publicKey === undefined) return { reason: "unknown-credential", status: ReaderStatus.keyNotFound };
    // The official tool counts a missing signature as a fault of form, although there is a code 0023 for it.
    if (signature === undefined) return { reason: "malformed", status: ReaderStatus.badFormat };
    if (!primitives.p256Verify(publicKey, deviceSignatureInput(transaction), signature)) {
      return { reason: "not-authentic", status: ReaderStatus.badSignature };
    }
    if (!accepts(publicKey)) return { reason: "unknown-credential", status: ReaderStatus.keyNotFound };
    const { deviceEphemeral, readerEphemeral, transactionId } = transaction;
    const possession = { publicKey, deviceEphemeral, readerEphemeral, transactionId, signature };
    return { answer, publicKey, possession };
  }

  /** Tells the device over the expedited channel why it is refused. */
  async #refuse(keys: AliroStandardKeys, { reason, status }: CheckedAnswer): Promise<AliroReading> {
    // A new end of the channel: the old one has ended with the message that did not open, and has sent nothing.
    const channel = new AliroChannel(this.#options.primitives, "reader", keys.exchange);
    await this.#send(AliroCommand.exchange, channel.seal(encodeExchange({ readerStatus: status })));
    channel.end();
    return { outcome: "refused", reason, readerStatus: status };
  }

  /** A device that answers AUTH1 with a status word has no keys: CONTROL FLOW is what it can still read. */
  #refusedBy(statusWord: number): Promise<AliroReading> {
    return stopped(this.#channel, { reason: "device-refused", statusWord }, ControlFlowReason.unspecified);
  }

  #session(
    method: "standard" | "fast",
    publicKey: Uint8Array,
    told: Pick<Auth1Answer, "signaling" | "times">,
    expedited: AliroChannel,
    standard:
      | {
          readonly kpersistent: Uint8Array;
          readonly possession: AliroPossession;
          readonly keys: AliroStandardKeys;
        }
      | undefined,
  ): AliroReaderSession {
    let channel = expedited;
    let stepUpKey = standard?.keys.stepUp.slice();
    let signaling = told.signaling;

    const exchange = async (command: ExchangeCommand): Promise<ExchangeAnswer> => {
      const data = await this.#accepted(AliroCommand.exchange, channel.seal(encodeExchange(command)));
      return parseExchangeAnswer(channel.open(data));
    };
    /** A fast transaction has no step-up key: AUTH1 follows, which gives a session of its own. */
    let upgraded: AliroReaderSession | undefined;

    return {
      method,
      publicKey,
      signaling: told.signaling,
      times: told.times,
      ...(standard === undefined
        ? {}
        : { kpersistent: standard.kpersistent, possession: standard.possession }),
      requestDocuments: async (requests) => {
        if (upgraded === undefined && method === "fast") {
          const reading = await this.authenticate(publicKey);
          if (reading.outcome === "refused") {
            const { reason, statusWord: status } = reading;
            const code = reason === "device-refused" ? "card-status" : "integrity";
            const options = status === undefined ? {} : { status };
            throw new CredentialError(code, `the device did not go on to step-up: ${reason}`, options);
          }
          channel.end();
          upgraded = reading.session;
          signaling = upgraded.signaling;
        }
        if (upgraded !== undefined) return upgraded.requestDocuments(requests);
        if (stepUpKey !== undefined) {
          if (this.#options.selectsStepUp === true || (signaling & SignalingBit.stepUpSelect) !== 0) {
            const select = { ...AliroCommand.select, p1: 0x04 };
            await this.#accepted(select, AliroAid.stepUp);
          }
          channel.end();
          const { primitives } = this.#options;
          channel = new AliroChannel(primitives, "reader", deriveStepUpKeys(primitives, stepUpKey));
          wipe(stepUpKey);
          stepUpKey = undefined;
        }
        const sealed = channel.seal(encodeDeviceRequest(requests));
        const data = await this.#accepted(AliroCommand.envelope, encodeEnvelope(sealed));
        return channel.open(parseEnvelope(data));
      },
      exchange: (command) => (upgraded === undefined ? exchange(command) : upgraded.exchange(command)),
      finish: async (status) => {
        if (upgraded !== undefined) return upgraded.finish(status);
        try {
          return (await exchange({ readerStatus: status })).status === 0;
        } catch (error) {
          if (error instanceof CredentialError) return false;
          throw error;
        } finally {
          channel.end();
          if (stepUpKey !== undefined) wipe(stepUpKey);
        }
      },
    };
  }

  #send(command: { readonly cla: number; readonly ins: number; readonly p1?: number }, data: Uint8Array) {
    return transmit(this.#channel, command, data, this.#limits);
  }

  async #accepted(
    command: { readonly cla: number; readonly ins: number; readonly p1?: number },
    data: Uint8Array,
  ): Promise<Uint8Array> {
    const answer = await this.#send(command, data);
    if (answer.sw === AliroStatusWord.ok) return answer.data;
    throw new CredentialError("card-status", "the device refused a command", { status: answer.sw });
  }

  #known(): AliroTransaction {
    if (this.#transaction !== undefined) return this.#transaction;
    throw new CredentialError("bad-argument", "expected an answered AUTH0");
  }
}

/** An answer to AUTH1 that proves nothing, with what the device is told. */
interface CheckedAnswer {
  readonly reason: AliroRefusal;
  readonly status: ReaderStatusValue;
}

interface ProvedAnswer {
  readonly answer: Auth1Answer;
  readonly publicKey: Uint8Array;
  readonly possession: AliroPossession;
}

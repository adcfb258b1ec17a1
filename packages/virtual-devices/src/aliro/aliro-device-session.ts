import {
  ALIRO_VERSION,
  AliroChannel,
  type AliroDocumentType,
  AliroInterface,
  type AliroKeyPair,
  AliroStatusWord,
  type AliroTransaction,
  auth0Flags,
  CRYPTOGRAM_BYTES,
  CredentialError,
  checkReaderCertificate,
  deriveFastKeys,
  deriveKdh,
  deriveKpersistent,
  deriveStandardKeys,
  deriveStepUpKeys,
  deviceSignatureInput,
  documentTypeOf,
  type ExchangeCommand,
  ExchangeStatus,
  encodeAuth0Answer,
  encodeAuth1Answer,
  encodeCryptogramPlaintext,
  encodeDeviceResponse,
  encodeEnvelope,
  encodeExchangeAnswer,
  GROUP_IDENTIFIER_BYTES,
  keySlotOf,
  parseAuth0,
  parseAuth1,
  parseDeviceRequest,
  parseEnvelope,
  parseExchange,
  parseReaderCertificate,
  parseSelectAnswer,
  readerSignatureInput,
  SignalingBit,
  selectElements,
} from "@menshen/credentials";
import { equalBytes, toHex, wipe } from "@menshen/crypto";
import type { AliroDeviceCredential, AliroDeviceGroup, AliroDeviceOptions } from "./aliro-device-options.ts";

/** A command that is answered with a status word and ends the session. Never leaves this folder. */
export class AliroRefusal extends Error {
  readonly statusWord: number;

  constructor(statusWord: number) {
    super(`refused with ${statusWord.toString(16)}`);
    this.statusWord = statusWord;
  }
}

type State = "selected" | "asked" | "authenticated" | "ended";

/**
 * One transaction of a device, from SELECT on. Its methods take the data of a command and give the data of the answer,
 * or throw {@link AliroRefusal} or `CredentialError`; the session is over then.
 */
export class AliroDeviceSession {
  readonly #options: AliroDeviceOptions;
  readonly #selectAnswer: Uint8Array;
  #state: State = "selected";
  #credential: AliroDeviceCredential | undefined;
  #group: AliroDeviceGroup | undefined;
  #transaction: AliroTransaction | undefined;
  #ephemeral: AliroKeyPair | undefined;
  /** The key in whose name the reader signs: the group's own, or the one in its certificate. */
  #readerKey: Uint8Array | undefined;
  #channel: AliroChannel | undefined;
  #stepUpKey: Uint8Array | undefined;
  #isStepUp = false;

  constructor(options: AliroDeviceOptions, selectAnswer: Uint8Array) {
    this.#options = options;
    this.#selectAnswer = selectAnswer;
  }

  auth0(data: Uint8Array): Uint8Array {
    this.#require("selected");
    const { primitives, credentials, random } = this.#options;
    const command = parseAuth0(data);
    if (command.version !== ALIRO_VERSION) throw new AliroRefusal(AliroStatusWord.conditions);
    const groupIdentifier = command.readerIdentifier.slice(0, GROUP_IDENTIFIER_BYTES);
    const isGroup = ({ identifier }: AliroDeviceGroup) => equalBytes(identifier, groupIdentifier);
    const credential = credentials.find(({ groups }) => groups.some(isGroup));
    const group = credential?.groups.find(isGroup);
    if (credential === undefined || group === undefined) throw new AliroRefusal(AliroStatusWord.conditions);

    const ephemeral = this.#options.ephemeral();
    // Agreeing now shows whether the reader's point is on the curve, before anything is said.
    const agreed = primitives.p256Agree(ephemeral.secretKey, command.readerEphemeral);
    if (agreed === undefined) throw new AliroRefusal(AliroStatusWord.malformed);
    wipe(agreed);
    const transaction: AliroTransaction = {
      groupKey: group.key,
      readerIdentifier: command.readerIdentifier,
      interfaceByte: AliroInterface.nfc,
      version: command.version,
      readerEphemeral: command.readerEphemeral,
      deviceEphemeral: ephemeral.publicKey,
      transactionId: command.transactionId,
      flags: auth0Flags(command),
      proprietary: parseSelectAnswer(this.#selectAnswer).proprietary,
      ...(command.vendor === undefined ? {} : { readerVendor: command.vendor }),
    };
    this.#credential = credential;
    this.#group = group;
    this.#transaction = transaction;
    this.#ephemeral = ephemeral;
    this.#readerKey = group.key;
    this.#state = "asked";
    if (!command.fast) return encodeAuth0Answer({ deviceEphemeral: ephemeral.publicKey });

    const kpersistent = credential.kpersistents.get(toHex(command.readerIdentifier));
    // A reader that was never here gets the same number of bytes: who stands before the door is not its to know.
    if (kpersistent === undefined) {
      return encodeAuth0Answer({
        deviceEphemeral: ephemeral.publicKey,
        cryptogram: random(CRYPTOGRAM_BYTES),
      });
    }
    const keys = deriveFastKeys(primitives, kpersistent, transaction, credential.keyPair.publicKey);
    const plaintext = encodeCryptogramPlaintext(this.#signaling(), this.#options.times ?? {});
    const cryptogram = primitives.aesGcmSeal(keys.cryptogram, new Uint8Array(12), plaintext);
    this.#channel = new AliroChannel(primitives, "device", keys.exchange);
    return encodeAuth0Answer({ deviceEphemeral: ephemeral.publicKey, cryptogram });
  }

  loadCert(data: Uint8Array): Uint8Array {
    this.#require("asked");
    this.#readerKey = this.#certifiedKey(data);
    return new Uint8Array();
  }

  auth1(data: Uint8Array): Uint8Array {
    this.#require("asked");
    const { primitives } = this.#options;
    const [transaction, ephemeral, credential] = [this.#transaction, this.#ephemeral, this.#credential];
    if (transaction === undefined || ephemeral === undefined || credential === undefined) {
      throw new AliroRefusal(AliroStatusWord.wrongState);
    }
    const command = parseAuth1(data);
    if (command.certificate !== undefined) this.#readerKey = this.#certifiedKey(command.certificate);
    const readerKey = this.#readerKey ?? transaction.groupKey;
    if (!primitives.p256Verify(readerKey, readerSignatureInput(transaction), command.signature)) {
      throw new AliroRefusal(AliroStatusWord.security);
    }
    const agreed = primitives.p256Agree(ephemeral.secretKey, transaction.readerEphemeral);
    if (agreed === undefined) throw new AliroRefusal(AliroStatusWord.malformed);
    const { keyPair, kpersistents } = credential;
    const kdh = deriveKdh(primitives, agreed, transaction.transactionId);
    const keys = deriveStandardKeys(primitives, kdh, transaction);
    const channel = new AliroChannel(primitives, "device", keys.exchange);
    const answer = channel.seal(
      encodeAuth1Answer({
        ...(command.wantsPublicKey
          ? { publicKey: keyPair.publicKey }
          : { keySlot: keySlotOf(primitives, keyPair.publicKey) }),
        signature: primitives.p256Sign(keyPair.secretKey, deviceSignatureInput(transaction)),
        signaling: this.#signaling(),
        times: this.#options.times ?? {},
      }),
    );
    kpersistents.set(
      toHex(transaction.readerIdentifier),
      deriveKpersistent(primitives, kdh, transaction, keyPair.publicKey),
    );
    this.#options.onChange?.();
    this.#channel?.end();
    this.#channel = channel;
    this.#stepUpKey = keys.stepUp;
    this.#state = "authenticated";
    wipe(kdh, agreed, keys.exchange.reader, keys.exchange.device, keys.ble, keys.ursk);
    return answer;
  }

  exchange(data: Uint8Array): Uint8Array {
    // After a fast AUTH0 the channel is there although nothing was authenticated; its key is what authenticates.
    const channel = this.#state === "asked" || this.#state === "authenticated" ? this.#channel : undefined;
    if (channel === undefined) throw new AliroRefusal(AliroStatusWord.wrongState);
    const plaintext = channel.open(data);
    this.#state = "authenticated";
    let command: ExchangeCommand;
    try {
      command = parseExchange(plaintext);
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      return this.#failed(channel, ExchangeStatus.badFormat);
    }
    const { mailbox } = command;
    const reads = mailbox === undefined ? [] : this.#credential?.mailbox?.apply(mailbox);
    if (reads === undefined) return this.#failed(channel, ExchangeStatus.failed);
    const answer = channel.seal(encodeExchangeAnswer({ reads, status: ExchangeStatus.done }));
    if (command.readerStatus !== undefined) {
      this.#options.onStatus?.(command.readerStatus);
      this.end();
    }
    return answer;
  }

  /** SELECT of the step-up application, for a device that asks for it. */
  selectStepUp(): void {
    if (this.#state !== "authenticated" || this.#stepUpKey === undefined) {
      throw new AliroRefusal(AliroStatusWord.conditions);
    }
  }

  envelope(data: Uint8Array): Uint8Array {
    this.#require("authenticated");
    const { primitives } = this.#options;
    const ciphertext = parseEnvelope(data);
    if (this.#stepUpKey !== undefined) {
      this.#channel?.end();
      this.#channel = new AliroChannel(primitives, "device", deriveStepUpKeys(primitives, this.#stepUpKey));
      wipe(this.#stepUpKey);
      this.#stepUpKey = undefined;
      this.#isStepUp = true;
    }
    if (this.#channel === undefined || !this.#isStepUp) throw new AliroRefusal(AliroStatusWord.wrongState);
    const requests = parseDeviceRequest(this.#channel.open(ciphertext)) ?? [];
    const documents = requests.flatMap((request) =>
      (this.#credential?.documents ?? []).flatMap((document) => selectElements(document, request) ?? []),
    );
    return encodeEnvelope(this.#channel.seal(encodeDeviceResponse(documents)));
  }

  /** Wipes what the session knows. */
  end(): void {
    this.#state = "ended";
    this.#channel?.end();
    this.#channel = undefined;
    if (this.#stepUpKey !== undefined) wipe(this.#stepUpKey);
    this.#stepUpKey = undefined;
    if (this.#ephemeral !== undefined) wipe(this.#ephemeral.secretKey);
    this.#ephemeral = undefined;
    this.#credential?.mailbox?.abandon();
  }

  #failed(channel: AliroChannel, status: number): Uint8Array {
    const answer = channel.seal(encodeExchangeAnswer({ reads: [], status }));
    this.end();
    return answer;
  }

  #certifiedKey(bytes: Uint8Array): Uint8Array {
    const { primitives, nowS } = this.#options;
    const issuer = this.#group?.key;
    if (issuer === undefined) throw new AliroRefusal(AliroStatusWord.wrongState);
    let certificate: ReturnType<typeof parseReaderCertificate>;
    try {
      certificate = parseReaderCertificate(bytes);
    } catch (error) {
      if (error instanceof CredentialError) throw new AliroRefusal(AliroStatusWord.certificateUndecodable);
      throw error;
    }
    const refusal = checkReaderCertificate(primitives, certificate, issuer, nowS?.());
    if (refusal !== undefined) throw new AliroRefusal(AliroStatusWord.security);
    return certificate.publicKey;
  }

  #signaling(): number {
    const { signaling, stepUpSelect } = this.#options;
    if (signaling !== undefined) return signaling;
    const { documents = [], mailbox } = this.#credential ?? {};
    const has = (type: AliroDocumentType) => documents.some((document) => documentTypeOf(document) === type);
    let bits = 0;
    if (has("aliro-a")) bits |= SignalingBit.accessDocument;
    if (has("aliro-r")) bits |= SignalingBit.revocationDocument;
    if (stepUpSelect === true) bits |= SignalingBit.stepUpSelect;
    if (mailbox !== undefined) bits |= SignalingBit.mailboxReadable | SignalingBit.mailboxWritable;
    if (mailbox?.content().some((byte) => byte !== 0)) bits |= SignalingBit.mailboxHasData;
    return bits;
  }

  #require(state: State): void {
    if (this.#state !== state) throw new AliroRefusal(AliroStatusWord.wrongState);
  }
}

import type { AliroKeyPair, AliroPrimitives, DocumentTimes, Mailbox } from "@menshen/credentials";

/** A group of readers that a credential answers. */
export interface AliroDeviceGroup {
  /** 16 bytes. */
  readonly identifier: Uint8Array;
  /** The readers' own key, or the key that issues their certificates; 65 bytes. */
  readonly key: Uint8Array;
}

/** One credential on a device. */
export interface AliroDeviceCredential {
  readonly keyPair: AliroKeyPair;
  readonly groups: readonly AliroDeviceGroup[];
  /** Documents of DeviceResponses, encoded; they may be replaced while the device lives. */
  readonly documents: readonly Uint8Array[];
  readonly mailbox?: Mailbox;
  /** Keys of fast transactions (32 bytes) by the reader's whole identifier in hexadecimal; changed in place. */
  readonly kpersistents: Map<string, Uint8Array>;
}

/** A telephone in software, as far as Aliro over NFC goes. */
export interface AliroDeviceOptions {
  readonly primitives: AliroPrimitives;
  readonly credentials: readonly AliroDeviceCredential[];
  /** Fresh random bytes. */
  readonly random: (lengthBytes: number) => Uint8Array;
  /** A fresh P-256 key pair. */
  readonly ephemeral: () => AliroKeyPair;
  /** Seconds since 1970, to look at reader certificates with; a device without a clock takes them at any time. */
  readonly nowS?: () => number;
  /** Answer to SELECT; one that allows commands of 514 bytes and answers of 512 unless told. */
  readonly selectAnswer?: Uint8Array;
  /** Bits of `SignalingBit`; what the credential has unless told. */
  readonly signaling?: number;
  /** When the documents were last seen; not told unless given. */
  readonly times?: DocumentTimes;
  /** Asks the reader for SELECT before step-up. */
  readonly stepUpSelect?: boolean;
  /** Cuts answers to short commands into parts of this many bytes, 1 to 256; 256 unless told. */
  readonly answerPartBytes?: number;
  /** Called with each final reader status (tag 97). */
  readonly onStatus?: (status: number) => void;
  /** Called after `kpersistents` has changed, to keep it. */
  readonly onChange?: () => void;
}

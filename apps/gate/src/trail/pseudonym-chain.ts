import {
  CryptoError,
  concatBytes,
  coseSign1,
  coseVerify1,
  equalBytes,
  type HpkeKey,
  hpkeOpen,
  hpkeSeal,
  randomBytes,
  type SigningKey,
  toHex,
  wipe,
} from "@menshen/crypto/node";
import { epochAt, type GateId, type TimeInterval } from "@menshen/domain";
import { keyIdentifier } from "@menshen/trust";
import {
  externalAad,
  type PseudonymChainState,
  type PseudonymMessage,
  pseudonymMessage,
  uuidBytes,
  WireError,
} from "@menshen/wire";
import {
  isPreferred,
  PSEUDONYM_KEY_BYTES,
  type PseudonymKey,
  pseudonymKeyId,
  ratchetTo,
  u32,
} from "./pseudonym-key.ts";
import type { Peer, TrailState } from "./trail-check.ts";

/** A gate that was off longer than this begins anew instead of going on: 100 years of epochs. */
const MAX_STEPS = 1_300;
/** As many peers as a trail document names. */
const MAX_HEARD = 512;

export interface PseudonymChainOptions {
  readonly identity: {
    readonly gateId: GateId;
    readonly deviceKey: SigningKey;
    readonly sealingKey: HpkeKey;
  };
  readonly trail: () => TrailState | undefined;
  readonly now: () => TimeInterval;
  /** The key that was kept, if any. */
  readonly kept: PseudonymKey | undefined;
  /** Keeps a key in place of the one before, which must be gone then. */
  readonly keep: (key: PseudonymKey) => Promise<void>;
  /** The key in use is another one. */
  readonly changed: () => void;
  readonly random?: (lengthBytes: number) => Uint8Array;
}

/**
 * This gate's pseudonym key: made here, brought forward with the epochs, agreed with the gates whose certificates are
 * proven. docs/protocol/gate-link.md, "Pseudonyms".
 */
export interface PseudonymChain {
  /** Undefined until the grid of epochs is known. */
  key(): PseudonymKey | undefined;
  /** The same, without the key. */
  state(): PseudonymChainState | undefined;
  /** To be called when time has passed or the trail document changed. */
  review(): Promise<void>;
  /** Takes a peer's message; whatever does not prove itself changes nothing. */
  receive(message: Uint8Array): Promise<void>;
  /** What the others should be told and was not yet: the signed message, and what to call once it is delivered. */
  outgoing(): Promise<{ readonly message: Uint8Array; readonly delivered: () => void } | undefined>;
}

export function makePseudonymChain(options: PseudonymChainOptions): PseudonymChain {
  const { identity, now } = options;
  const random = options.random ?? randomBytes;
  let current = options.kept;
  /** In use, but the disk still has the one before. */
  let unkept = false;
  /** The last message under each key's name: what cannot be judged yet is judged when trail or time have come further. */
  const heard = new Map<string, Uint8Array>();
  /** What the others were told last. */
  let told = "";
  let queue: Promise<unknown> = Promise.resolve();

  function presentEpoch(trail: TrailState): number | undefined {
    return epochAt(trail.grid, now().earliest);
  }

  function use(next: PseudonymKey): void {
    const before = current;
    current = next;
    unkept = true;
    options.changed();
    if (before !== undefined && before.key !== next.key) wipe(before.key);
  }

  function fresh(generation: number, epoch: number): PseudonymKey {
    return { generation, epoch, key: random(PSEUDONYM_KEY_BYTES) };
  }

  /** The key for this generation and epoch, whatever was missed in between. */
  function advance(trail: TrailState): void {
    const epoch = presentEpoch(trail);
    if (epoch === undefined) return;
    const { latest } = now();
    if (current === undefined || current.generation < trail.generation) {
      use(fresh(trail.generation, Math.max(epoch, currentEpochIfPossible(trail))));
    } else if (current.epoch < epoch) {
      const tooFar = epoch - current.epoch > MAX_STEPS;
      use(tooFar ? fresh(current.generation, epoch) : ratchetTo(current, epoch));
    } else if (current.epoch > (epochAt(trail.grid, latest) ?? 0)) {
      // The clock was wrong once, far ahead: what the key was before is gone for good.
      use(fresh(current.generation, epoch));
    }
  }

  /** A key that was brought forward does not go back while the time may still be that of its epoch. */
  function currentEpochIfPossible(trail: TrailState): number {
    const last = epochAt(trail.grid, now().latest) ?? 0;
    return current === undefined || current.epoch > last ? 0 : current.epoch;
  }

  async function judge(trail: TrailState): Promise<void> {
    for (const [kid, bytes] of heard) {
      const offered = await opened(trail, bytes);
      if (offered === "later") continue;
      heard.delete(kid);
      if (offered === "never" || current === undefined) continue;
      if (isPreferred(offered, current)) use(offered);
      else wipe(offered.key);
    }
  }

  /** The key in a message, in the present epoch. */
  async function opened(trail: TrailState, bytes: Uint8Array): Promise<PseudonymKey | "later" | "never"> {
    const heardFrom = verified(trail, bytes);
    if (typeof heardFrom === "string" || current === undefined) return "later";
    if (heardFrom === undefined) return "never";
    const { sender, message } = heardFrom;
    const { generation, epoch, keyId } = message;
    if (!sender.proven || generation > trail.generation || epoch > current.epoch) return "later";
    if (generation < current.generation || current.epoch - epoch > MAX_STEPS) return "never";
    const wrap = message.wraps.find(({ gateId }) => gateId === identity.gateId);
    if (wrap === undefined) return "never";
    const key = await hpkeOpen({
      key: identity.sealingKey,
      enc: wrap.encapsulatedKey,
      ciphertext: wrap.ciphertext,
      info: infoOf(sender.gateId, identity.gateId, generation, epoch),
    });
    if (key?.length !== PSEUDONYM_KEY_BYTES || !equalBytes(pseudonymKeyId(key), keyId)) return "never";
    return ratchetTo({ generation, epoch, key }, current.epoch);
  }

  /** Undefined for what no gate of this community signed; "unknown" if its sender is not known, or not yet. */
  function verified(
    trail: TrailState,
    bytes: Uint8Array,
  ): { readonly sender: Peer; readonly message: PseudonymMessage } | "unknown" | undefined {
    let sender: Peer | undefined;
    const verification = coseVerify1({
      message: bytes,
      key: (kid) => {
        const name = kid === undefined ? undefined : toHex(kid);
        sender = trail.peers.find(({ deviceKey }) => nameOf(deviceKey) === name);
        return sender && { alg: "ES256", publicKey: sender.deviceKey };
      },
      externalAad: externalAad("pseudonym"),
    });
    if (!verification.verified) return verification.reason === "unknown-key" ? "unknown" : undefined;
    if (sender === undefined || sender.gateId === identity.gateId) return undefined;
    try {
      const message = pseudonymMessage.decode(verification.payload);
      return message.gateId === sender.gateId ? { sender, message } : undefined;
    } catch (fault) {
      if (fault instanceof WireError) return undefined;
      throw fault;
    }
  }

  async function settle(): Promise<void> {
    const trail = options.trail();
    if (trail !== undefined) {
      advance(trail);
      await judge(trail);
    }
    if (!unkept || current === undefined) return;
    const keeping = current;
    // A disk that fails keeps the key before: tried again at the next review.
    await options.keep(keeping).then(
      () => {
        if (current === keeping) unkept = false;
      },
      () => undefined,
    );
  }

  /** One after the other: a key is judged against the one in use. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work);
    queue = done.catch(() => undefined);
    return done;
  }

  function recipients(): readonly Peer[] {
    const peers = options.trail()?.peers ?? [];
    return peers.filter(({ gateId, proven }) => proven && gateId !== identity.gateId);
  }

  async function wrapped(key: PseudonymKey, peers: readonly Peer[]): Promise<PseudonymMessage["wraps"]> {
    const wraps = await Promise.all(
      peers.map(async ({ gateId, sealingKey }) => {
        try {
          const { enc, ciphertext } = await hpkeSeal({
            recipientPublicKey: sealingKey,
            info: infoOf(identity.gateId, gateId, key.generation, key.epoch),
            plaintext: key.key,
          });
          return [{ gateId, encapsulatedKey: enc, ciphertext }];
        } catch (fault) {
          // A peer whose key is none gets nothing; the others must not go without for it.
          if (fault instanceof CryptoError) return [];
          throw fault;
        }
      }),
    );
    return wraps.flat();
  }

  return {
    key: () => current,
    state: () =>
      current && {
        generation: current.generation,
        epoch: current.epoch,
        keyId: pseudonymKeyId(current.key),
      },
    review: () => inTurn(settle),
    receive: (message) =>
      inTurn(async () => {
        const name = keyNameOf(message);
        if (name === undefined) return;
        heard.delete(name);
        heard.set(name, message);
        const [oldest] = heard.keys();
        if (heard.size > MAX_HEARD && oldest !== undefined) heard.delete(oldest);
        await settle();
      }),
    outgoing: () =>
      inTurn(async () => {
        const peers = recipients();
        if (current === undefined || peers.length === 0) return undefined;
        const { generation, epoch } = current;
        const keyId = pseudonymKeyId(current.key);
        const saying = [
          generation,
          epoch,
          toHex(keyId),
          ...peers.map(({ gateId, sealingKey }) => `${gateId} ${toHex(sealingKey)}`),
        ].join();
        if (saying === told) return undefined;
        const payload = pseudonymMessage.encode({
          version: 1,
          gateId: identity.gateId,
          generation,
          epoch,
          keyId,
          wraps: await wrapped(current, peers),
        });
        const key = identity.deviceKey;
        return {
          message: coseSign1({
            payload,
            key,
            kid: keyIdentifier(key),
            externalAad: externalAad("pseudonym"),
          }),
          delivered: () => {
            told = saying;
          },
        };
      }),
  };
}

function infoOf(sender: GateId, recipient: GateId, generation: number, epoch: number): Uint8Array {
  return concatBytes(
    externalAad("pseudonym"),
    Uint8Array.of(0),
    uuidBytes(sender),
    uuidBytes(recipient),
    u32(generation),
    u32(epoch),
  );
}

function nameOf(deviceKey: Uint8Array): string {
  return toHex(keyIdentifier({ alg: "ES256", publicKey: deviceKey }));
}

/** The name of the key that a message says signed it. */
function keyNameOf(message: Uint8Array): string | undefined {
  let name: string | undefined;
  coseVerify1({
    message,
    key: (kid) => {
      name = kid && toHex(kid);
      return undefined;
    },
  });
  return name;
}

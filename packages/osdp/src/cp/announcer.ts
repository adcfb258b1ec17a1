import type { PdCapability, PdIdentity } from "../message/reply.ts";
import type { BusEvent, OfflineReason, SecureChannelLoss, TamperCause } from "./bus-event.ts";

type KeyName = "scbk" | "scbk-d";

/**
 * Tells the owner how a link fares, each state once: what an outsider can repeat at a reader (a wrong key every few
 * seconds) does not repeat its event. Tampering is taken back when the link has proved itself again.
 */
export interface Announcer {
  online(identity: PdIdentity, capabilities: readonly PdCapability[], secure: boolean): void;
  offline(reason: OfflineReason): void;
  sessionBegan(key: KeyName): void;
  sessionEnded(cause: SecureChannelLoss): void;
  keyRefused(key: KeyName): void;
  readonly isOnline: boolean;
}

const OWN_DOING: ReadonlySet<SecureChannelLoss> = new Set(["rekey", "stopped"]);

export function makeAnnouncer(address: number, emit: (event: BusEvent) => void): Announcer {
  let told: "online" | "offline" | undefined;
  const raised = new Set<TamperCause>();

  function raise(cause: TamperCause): void {
    if (raised.has(cause)) return;
    raised.add(cause);
    emit({ kind: "tamper", address, cause, active: true });
  }

  return {
    online(identity, capabilities, secure) {
      if (told === "online") return;
      told = "online";
      emit({ kind: "online", address, secure, identity, capabilities });
      for (const cause of raised) emit({ kind: "tamper", address, cause, active: false });
      raised.clear();
    },
    offline(reason) {
      if (told === "offline") return;
      told = "offline";
      emit({ kind: "offline", address, reason });
    },
    sessionBegan(key) {
      emit({ kind: "secure-channel", address, state: "established", key });
    },
    sessionEnded(cause) {
      emit({ kind: "secure-channel", address, state: "lost", cause });
      if (!OWN_DOING.has(cause)) raise("secure-channel-lost");
    },
    keyRefused(key) {
      if (raised.has("key-mismatch")) return;
      emit({ kind: "secure-channel", address, state: "refused", key });
      raise("key-mismatch");
    },
    get isOnline() {
      return told === "online";
    },
  };
}

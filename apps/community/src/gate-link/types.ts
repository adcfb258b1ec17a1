import type { SigningKey, VerifyKey } from "@menshen/crypto/node";
import type { CommunityId, GateId, Instant, PortalMode } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { CommunityCa } from "@menshen/trust";
import type {
  AppliedError,
  CommandMessage,
  CommandResult,
  CredentialProofsMessage,
  DocumentKind,
  DoorRulesMessage,
  ForgetMessage,
  ForgottenMessage,
  GateAlarm,
  JournalEntry,
  Keyring,
  LeafEvidence,
  PassesMessage,
  PresenceReport,
  ProofsRequest,
  StatusReport,
  TrailMessage,
} from "@menshen/wire";
import type { ClientBase, Pool } from "pg";

export interface GateLinkDependencies {
  readonly pool: Pool;
  readonly clock: { readonly now: () => Instant };
  readonly logger: Logger;
  readonly community: { readonly id: CommunityId; readonly timeZone: string };
  readonly keys: GateLinkKeys;
  readonly listen: {
    /** Enrolment and renewal. Port 0: any free one. */
    readonly gateTls: { readonly host: string; readonly port: number };
    readonly mqtt: { readonly host: string; readonly port: number };
    /** Name in the server certificate, and in the MQTT address that gates are told. */
    readonly publicHost: string;
  };
  /**
   * What a gate should hold now. Called at most once at a time per gate, after {@link GateLink.pushDesired}, at
   * start and when a gate connects. May throw: then the gate keeps what it has and the failure is logged.
   */
  readonly compileFor: (gateId: GateId, request: CompileRequest) => Promise<DesiredDocuments>;
  /**
   * Change from one snapshot document to a later one of the same gate, as the policy package applies it; `undefined`
   * if the whole document is better.
   */
  readonly deltaOf: (base: Uint8Array, next: Uint8Array) => Uint8Array | undefined;
  readonly trail: TrailSource;
  /** Absent: gates are told of no passes, and take none of visitors. */
  readonly passes?: PassesSource;
  /** Absent: gates are given no commands. */
  readonly commands?: CommandSource;
  /** Absent: gates are not told of deletions. */
  readonly forgetting?: ForgettingSource;
  /** Absent: what gates say of where persons are is not listened to. */
  readonly presence?: PresenceSink;
  /** Absent: gates are given no door rules. */
  readonly doorRules?: DoorRulesSource;
  /** Silence after which a gate is offline; 45 s if absent. */
  readonly offlineAfterMs?: number;
}

/** Deletions, as the gate link sees them. */
export interface ForgettingSource {
  /** What this gate has not given its receipt for, the oldest first. */
  readonly due: (gateId: GateId) => Promise<readonly Pick<ForgetMessage, "deletionId" | "credentialKeys">[]>;
  /** A receipt whose signature was verified. @param message the signed bytes, as they came */
  readonly answered: (
    gate: { readonly gateId: GateId; readonly deviceKey: VerifyKey },
    receipt: ForgottenMessage,
    message: Uint8Array,
  ) => Promise<void>;
}

/** What gates are told about sealing, beside what is known here: gates, their keys, how many were revoked. */
export type TrailContent = Pick<
  TrailMessage,
  | "grid"
  | "custodians"
  | "ceremonies"
  | "logKey"
  | "witnesses"
  | "quorum"
  | "naming"
  | "witnessPolicy"
  | "retentionDays"
>;

/** What a gate is told of passes, beside what is known here. */
export type PassesContent = Pick<
  PassesMessage,
  "communityKey" | "visits" | "revoked" | "deskPasses" | "tokenKeys"
>;

/** Visitor passes and one-time tokens, as the gate link sees them. */
export interface PassesSource {
  /** Read whenever a gate's documents are made. May throw: then the gate keeps what it has. */
  readonly read: (gateId: GateId) => Promise<PassesContent>;
}

/** Commands for gates, as the gate link sees them. */
export interface CommandSource {
  /** Those for a gate that are neither answered nor over, oldest first. */
  readonly due: (gateId: GateId) => Promise<readonly Omit<CommandMessage, "version" | "gateId">[]>;
  /** One was handed to the gate's connection. */
  readonly sent: (gateId: GateId, commandId: Uint8Array) => Promise<void>;
  /** The gate's word, which it may say again. */
  readonly answered: (result: CommandResult) => Promise<void>;
}

/** What gates say of where persons are: nothing of it is stored. */
export interface PresenceSink {
  readonly reported: (report: PresenceReport) => void;
}

/** What a gate is told of areas, persons and doors, beside what is known here: of its peers, which keys they have. */
export type DoorRulesContent = Pick<
  DoorRulesMessage,
  "areas" | "portals" | "accessPoints" | "presenceHours" | "alarms" | "outsideAreaId" | "cards"
> & {
  /** Gates of the site network with an address, this one too. */
  readonly sites: readonly { readonly gateId: GateId; readonly host: string; readonly port: number }[];
};

/** Door rules, as the gate link sees them. */
export interface DoorRulesSource {
  /** Read whenever a gate's documents are made. May throw: then the gate keeps what it has. */
  readonly read: (gateId: GateId) => Promise<DoorRulesContent>;
}

/** Keys that the community's authority certified. */
export interface CertificateIssue {
  readonly at: Instant;
  readonly gateId: GateId;
  /** P-256, uncompressed point. */
  readonly deviceKey: Uint8Array;
  /** X25519. */
  readonly sealingKey: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** Custodians, ceremonies and the evidence log, as the gate link sees them. */
export interface TrailSource {
  /** Read whenever a gate's documents are made. May throw: then the gate keeps what it has. */
  readonly read: () => Promise<TrailContent>;
  /** Records in the issuing transaction that keys were certified; answers the id of the leaf. */
  readonly recordIssue: (client: Pick<ClientBase, "query">, issue: CertificateIssue) => Promise<string>;
  /** What shows others that the leaf is in the log; `undefined` until a published checkpoint covers it. */
  readonly proveIssue: (leafId: string) => Promise<LeafEvidence | undefined>;
  /** Those of the checkpoints, each the text of a signed note, that the log and witnesses which gates are told of now do not vouch for. */
  readonly fallingShort: (checkpoints: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Proofs for as many of these credentials as the log proves now. */
  readonly proveCredentials: (
    wanted: ProofsRequest["wanted"],
  ) => Promise<readonly Omit<CredentialProofsMessage, "version" | "gateId">[]>;
}

/** Secrets of the community server; see `loadGateLinkKeys`. */
export interface GateLinkKeys {
  readonly ca: CommunityCa;
  /** Ed25519: signs all that goes down. */
  readonly policy: SigningKey;
}

export interface CompileRequest {
  /** Version that a changed snapshot must carry. */
  readonly snapshotVersion: number;
  /** The newest one made for this gate. */
  readonly current?: { readonly version: number; readonly document: Uint8Array };
  /** Version of the newest keyring made for this gate; absent if none is stored. */
  readonly keyringVersion?: number;
}

export interface DesiredDocuments {
  /** Bytes of the policy snapshot of version `snapshotVersion`; absent: `current` still says it all. */
  readonly snapshot?: Uint8Array;
  /**
   * Compared with the last one; a new version goes out only if it changed. Absent: the last one, which must be stored,
   * still says it all; encoding and sealing a hundred thousand cards to find that out takes seconds.
   */
  readonly keyring?: Omit<Keyring, "version" | "gateId" | "keyringVersion">;
  /** Every portal of the gate. */
  readonly modes: readonly PortalMode[];
}

/** One journal entry as stored. */
export interface StoredEvent {
  /** Place in the order of storing, over all gates: rises without gaps from 1; the cursor of live views. */
  readonly position: number;
  readonly gateId: GateId;
  readonly sequence: number;
  /** When, for sorting and searching: the gate's earliest bound, but not after `receivedAt`. */
  readonly at: Instant;
  readonly receivedAt: Instant;
  /** `undefined`: signed and chained by the gate, but of a form that this version cannot read. */
  readonly entry: JournalEntry | undefined;
}

export type GateEnrolment = "new" | "enrolled" | "revoked";

export interface DocumentState {
  /** Newest version made for the gate, 0 for none. */
  readonly desired: number;
  /** Newest version that the gate said it applied, 0 for none. */
  readonly applied: number;
  /** Why it refused `desired`, if it did. */
  readonly error?: AppliedError;
}

/** All that the server knows of one gate. */
export interface GateState {
  readonly gateId: GateId;
  readonly enrolment: GateEnrolment;
  readonly online: boolean;
  /** Since when `online` is what it is; absent before the first contact. */
  readonly linkSince?: Instant;
  readonly lastSeenAt?: Instant;
  readonly certificateUntil?: Instant;
  readonly softwareVersion?: string;
  readonly documents: Readonly<Record<DocumentKind, DocumentState>>;
  /** Something changed that the desired documents do not hold yet. */
  readonly stale: boolean;
  readonly journal: {
    /** Last sequence stored, 0 for none. */
    readonly lastSequence: number;
    readonly gaps: readonly { readonly first: number; readonly last: number }[];
    /** Two different journals were signed with this gate's key. */
    readonly forked: boolean;
    /** It is being read again from its first entry, as somebody accepted. */
    readonly rereading: boolean;
  };
  /** Alarms about its records that nobody has cleared. */
  readonly alarms: readonly GateAlarm[];
  /** The last status report, also of a gate that is offline now. */
  readonly status?: StatusReport;
  readonly statusAt?: Instant;
}

/** Entries of one gate as they were stored together, each at the position behind the one before it. */
export interface StoredEntries {
  readonly firstPosition: number;
  readonly firstSequence: number;
  readonly gateId: GateId;
  readonly receivedAt: Instant;
  /** As the column `event.entry` holds them. */
  readonly entries: readonly Uint8Array[];
}

/** Committed facts, in the order of commit. */
export type LiveMessage =
  | {
      readonly type: "events";
      readonly stored: readonly StoredEntries[];
      /** The same, read: it costs more than storing them, so only who shows them asks. Read once for all who do. */
      readonly events: () => readonly StoredEvent[];
    }
  | { readonly type: "gate"; readonly state: GateState };

export type LiveListener = (message: LiveMessage) => void;

/** How `markStale` runs its statement inside the caller's own transaction. */
export type Execute = (sql: string, values: readonly unknown[]) => Promise<unknown>;

export interface GateLink {
  /** Opens both listeners, tells their addresses (`host:port`), and brings every gate up to date. */
  readonly start: () => Promise<{ readonly gateTls: string; readonly mqtt: string }>;
  /** Ends connections and waits for running transactions; the pool stays open. */
  readonly stop: () => Promise<void>;

  /**
   * A one-time code, 24 h, that voids the gate's earlier ones. The gate needs no record before.
   *
   * @throws {GateLinkError} `already-enrolled`, `revoked`
   */
  readonly makeEnrolmentCode: (
    gateId: GateId,
  ) => Promise<{ readonly code: string; readonly enrolUrl: string; readonly expiresAt: Instant }>;
  /** For good: its certificates are refused and its connection ends at once. */
  readonly revoke: (gateId: GateId) => Promise<void>;
  /** Ends its connection, so that it says hello again and learns where to go on with its journal. */
  readonly reconnect: (gateId: GateId) => void;

  /**
   * Notes in the caller's transaction that gates (absent: all) need new documents, so that a crash before
   * {@link pushDesired} loses nothing.
   */
  readonly markStale: (execute: Execute, gateIds?: readonly GateId[]) => Promise<void>;
  /**
   * Compiles, signs and stores what the gate (absent: every stale one) should hold and sends it if the gate is
   * connected; resolves when stored and handed to the connection. Re-sent at every reconnect until applied.
   */
  readonly pushDesired: (gateId?: GateId) => Promise<void>;

  /**
   * Hands a gate the commands that are due, each once in a connection. Resolves at once if it is not connected: it gets
   * them when it is, unless they are over by then.
   */
  readonly sendCommands: (gateId: GateId) => Promise<void>;
  /** Tells connected gates of deletions that they were not told of in this connection. */
  readonly sendDeletions: () => void;

  /** Certificate of the community's authority, DER: who issued the gates' certificates. */
  readonly authority: Uint8Array;
  readonly readGates: () => Promise<readonly GateState[]>;
  /** A state like `new` with nothing known for a gate that was never here. */
  readonly readGate: (gateId: GateId) => Promise<GateState>;

  /** Calls `listener` after each commit; returns the function that ends it. A listener must not throw. */
  readonly onLive: (listener: LiveListener) => () => void;
  /** Events stored after `position`, in order, at most `limit` (1..1000). 0 is before the first. */
  readonly readEventsAfter: (position: number, limit: number) => Promise<readonly StoredEvent[]>;
  /** Position of the last event stored, 0 for none. */
  readonly lastPosition: () => Promise<number>;
}

import type { CommunityId, GateId } from "@menshen/domain";
import type { EvidenceLog, LogPool } from "@menshen/evidence/node";
import type { KeyAccess } from "@menshen/key-service";
import type { Logger } from "@menshen/service-kit";
import type { AddedRoute } from "@menshen/service-kit/http";
import type { FastifyInstance } from "fastify";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import type { AlarmServices } from "./features/alarms/index.ts";
import type { IncidentsService } from "./features/breach/index.ts";
import type { Exchange } from "./features/city-link/index.ts";
import type { CommandsService } from "./features/commands/index.ts";
import type { DemoTarget } from "./features/demo/index.ts";
import type { Detection, StartEngine, StartTrial } from "./features/detection/index.ts";
import type { LogRunner } from "./features/evidence/index.ts";
import type { StaffService } from "./features/identity/index.ts";
import type { LockdownsService } from "./features/lockdown/index.ts";
import type { NamingServices } from "./features/naming/index.ts";
import type { OpeningServices } from "./features/opening/index.ts";
import type { PassServices } from "./features/passes/index.ts";
import type { Publisher } from "./features/publishing/index.ts";
import type { GateLink, GateLinkDependencies, TrailSource } from "./gate-link/index.ts";
import type { PageApp } from "./http/pages.ts";
import type { DeskDayKeys } from "./keys/desk-day-keys.ts";
import type { KeyPlan, KeyVault } from "./keys/key-vault.ts";
import type { PersonKeys } from "./keys/person-keys.ts";
import type { StorageKey } from "./keys/storage-key.ts";

export interface CommunityServerOptions {
  /** Migrated. */
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storageKey: StorageKey;
  /** What names persons is sealed under these; `db` opens it by them. */
  readonly personKeys: PersonKeys;
  /** Where the keys of cards are, and what opens them at the start. */
  readonly keyPlan: KeyPlan;
  /** Files that the duty desk's keys need beside it. */
  readonly deskDayKeys: DeskDayKeys;
  /** The evidence log: its key, its own connections. */
  readonly evidence: {
    /** Ed25519 seed, 32 bytes. */
    readonly secretKey: Uint8Array;
    readonly pool: LogPool;
  };
  /** Used at the first start only. */
  readonly firstCommunity: { readonly name: string; readonly timeZone: string };
  /**
   * Makes what compiles for gates, once the community and its secrets exist; absent: in this thread. `settle` asks for
   * another compilation of a gate before long.
   */
  readonly startCompiler?: (
    communityId: string,
    settle: (gateId: GateId) => void,
    access: () => KeyAccess | undefined,
  ) => Publisher;
  /** Starts what finds copied cards in a thread of its own; absent: in this thread. */
  readonly startEngine?: StartEngine;
  /** Tries other numbers on past events, each time in a thread of its own; absent: in this thread. */
  readonly startTrial?: StartTrial;
  readonly makeGateLink: (
    community: { readonly id: CommunityId; readonly timeZone: string },
    publisher: Publisher,
    trail: TrailSource,
    sources: Required<
      Pick<GateLinkDependencies, "passes" | "commands" | "doorRules" | "presence" | "forgetting">
    >,
  ) => Promise<GateLink>;
  /** Address of the console without a slash at its end; known once the server listens. */
  readonly publicUrl: () => string;
  readonly hostNames: readonly string[];
  /** Name that passkeys are bound to. */
  readonly passkeyHost: string;
  readonly https: boolean;
  readonly version: string;
  readonly consoleDir?: string;
  /** Apps beside the console. */
  readonly pageApps?: readonly PageApp[];
  readonly demo?: DemoTarget;
  /** The RFC 3161 time-stamping authority that evidence is stamped by; absent: none. */
  readonly timeStamp?: { readonly url: string };
  /** Told of every route as it is added. */
  readonly onRoute?: (route: AddedRoute) => void;
}

export interface CommunityServer {
  /** Ready to listen or to be injected. */
  readonly app: FastifyInstance;
  /** Erases whoever came back with a copy of the database; before gates hear of any document. */
  readonly eraseReturned: () => Promise<void>;
  readonly gateLink: GateLink;
  readonly keyVault: KeyVault;
  readonly staff: StaffService;
  readonly evidenceLog: EvidenceLog;
  /** Gives leaves their places in the log as long as the server runs. */
  readonly logRunner: LogRunner;
  readonly openings: OpeningServices;
  readonly naming: NamingServices;
  readonly passes: PassServices;
  readonly commands: CommandsService;
  readonly alarms: AlarmServices;
  readonly detection: Detection["engine"];
  /** Tells the city and hears from it, as long as the server runs. */
  readonly city: Exchange;
  readonly lockdowns: LockdownsService;
  /** For detection: opens an incident, e.g. of the kind `mass-cloning`. */
  readonly openIncident: IncidentsService["openIncident"];
  /** Deletes what is due; called again while it runs, it answers with the same run. */
  readonly tidy: () => Promise<void>;
  /** Ends live streams and the HTTP server; gate link and database are the caller's. */
  readonly close: () => Promise<void>;
}

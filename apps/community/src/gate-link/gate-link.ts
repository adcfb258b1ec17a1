import { equalBytes, p256Generate, signingKeyToPem } from "@menshen/crypto/node";
import { DomainError, GateId, Instant } from "@menshen/domain";
import {
  certificateToPem,
  issueServerCertificate,
  makeRevocationList,
  readCertificate,
  revocationListToPem,
  TrustError,
} from "@menshen/trust";
import { commandMessage, type DocumentKind, forgetMessage, uuidText } from "@menshen/wire";
import { readDocumentStates, readStaleGates } from "./document-store.ts";
import { makeDocuments, signed } from "./documents.ts";
import { makeEnrolment } from "./enrolment.ts";
import { type EnrolmentListener, listenForEnrolment } from "./enrolment-listener.ts";
import { GateLinkError } from "./errors.ts";
import { lastPosition, readEventsAfter, readStored } from "./event-store.ts";
import {
  type EnrolledGate,
  MARK_STALE,
  markRevoked,
  readEnrolledGate,
  readGateStates,
  readRevoked,
  readRevokedCertificates,
  unknownGate,
} from "./gate-store.ts";
import { makeHandover } from "./handover.ts";
import { makeJournalIngest } from "./ingest.ts";
import { makeLiveFeed } from "./live.ts";
import { makeMessageHandlers } from "./messages.ts";
import {
  type GateConnection,
  listenForGates,
  type MqttListener,
  type ServerIdentity,
} from "./mqtt-listener.ts";
import { makePartitions, monthOf } from "./partitions.ts";
import { makePresence, OFFLINE_AFTER_MS } from "./presence.ts";
import { readPseudonyms } from "./pseudonyms.ts";
import { makePushQueue } from "./push-queue.ts";
import { proveIssues } from "./trail-document.ts";
import type { GateLink, GateLinkDependencies, StoredEvent } from "./types.ts";

const TICK_MS = 1_000;
/** Addresses to listen on that nobody can connect to by that name. */
const WILDCARDS = new Set(["0.0.0.0", "::"]);

/** A gate that is connected now. */
interface Session {
  readonly connection: GateConnection;
  /** It has subscribed and can hear. */
  subscribed: boolean;
  /** It said hello, so that it is known what it holds. */
  greeted: boolean;
  /** Versions that went out over this connection. */
  readonly sent: Map<DocumentKind, number>;
  /** Commands that went out over this connection. */
  readonly commanded: Set<string>;
  /** Deletions that it was told of over this connection. */
  readonly toForget: Set<string>;
  /** By sender: what went out of their words about pseudonym keys, and under which trail document the gate heard it. */
  readonly heard: Map<GateId, { readonly message: Uint8Array; readonly trailVersion: number }>;
}

/** Composes the link between community server and gates; see {@link GateLink}. */
export function makeGateLink(dependencies: GateLinkDependencies): GateLink {
  const { pool, clock, keys, logger, listen } = dependencies;
  const live = makeLiveFeed(logger);
  const partitions = makePartitions(pool);
  const documents = makeDocuments(dependencies);
  const sessions = new Map<GateId, Session>();
  const serverKey = p256Generate();
  let enrolmentListener: EnrolmentListener | undefined;
  let mqttListener: MqttListener | undefined;
  let ticker: NodeJS.Timeout | undefined;
  const background = new Set<Promise<void>>();

  const ingest = makeJournalIngest({
    pool,
    partitions,
    logger,
    onStored(stored) {
      let events: readonly StoredEvent[] | undefined;
      live.emit({ type: "events", stored, events: () => (events ??= readStored(stored)) });
    },
  });
  const presence = makePresence({
    pool,
    clock,
    monotonicMs: () => performance.now(),
    logger,
    offlineAfterMs: dependencies.offlineAfterMs ?? OFFLINE_AFTER_MS,
    onChange: gateChanged,
  });
  const enrolment = makeEnrolment({
    ...dependencies,
    onEnrolled(gateId) {
      gateChanged(gateId);
      inBackground(gateId, "documents", pushStale());
    },
  });
  const wholeNext = new Map<GateId, Set<DocumentKind>>();

  const push = makePushQueue(async (gateId) => {
    try {
      await documents.refresh(gateId);
    } finally {
      // What was made before still goes out when compiling fails.
      await sendDocuments(gateId);
      await relayPseudonyms(gateId);
    }
  });

  async function pushStale(): Promise<void> {
    const failures: unknown[] = [];
    // One gate's documents that cannot be made must not keep the others from theirs.
    for (const stale of await readStaleGates(pool)) {
      await push(stale).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  const handlers = makeMessageHandlers({
    pool,
    clock,
    keys,
    logger,
    ingest,
    documents,
    trail: dependencies.trail,
    commands: dependencies.commands,
    presence: dependencies.presence,
    forgetting: dependencies.forgetting,
    onGreeted(gateId) {
      inBackground(gateId, "commands", sendCommands(gateId));
      inBackground(gateId, "deletions", sendDeletions(gateId));
    },
    push(gateId, whole) {
      const session = sessions.get(gateId);
      if (session !== undefined) session.greeted = true;
      if (whole !== undefined) {
        wholeNext.set(gateId, new Set([...(wholeNext.get(gateId) ?? []), whole]));
        session?.sent.delete(whole);
      }
      inBackground(gateId, "documents", push(gateId));
    },
    onGateChanged: gateChanged,
    onPseudonym(sender) {
      for (const gateId of sessions.keys()) {
        if (gateId !== sender) inBackground(gateId, "pseudonyms", relayPseudonyms(gateId));
      }
    },
  });

  function listening(gateId: GateId): Session | undefined {
    const session = sessions.get(gateId);
    return session?.subscribed === true && session.greeted ? session : undefined;
  }

  async function sendDocuments(gateId: GateId): Promise<void> {
    const session = listening(gateId);
    if (session === undefined) return;
    const whole = wholeNext.get(gateId);
    for (const document of await documents.outgoing(gateId, whole)) {
      if (session.sent.get(document.what) === document.version) continue;
      session.sent.set(document.what, document.version);
      await session.connection.send(document.kind, document.message);
      logger.debug(
        { gateId, what: document.kind, documentVersion: document.version, bytes: document.message.length },
        "document sent",
      );
    }
    wholeNext.delete(gateId);
  }

  /**
   * Passes on what other gates said about their pseudonym keys. A gate believes its peers by its trail document, so it
   * hears them once it holds the newest, and again under each later one.
   */
  async function relayPseudonyms(gateId: GateId): Promise<void> {
    const session = listening(gateId);
    if (session === undefined) return;
    const states = await readDocumentStates(pool, gateId);
    const trail = states.find(({ what }) => what === "trail");
    if (trail === undefined || trail.applied === 0 || trail.applied !== trail.desired) return;
    for (const { sender, message } of await readPseudonyms(pool, gateId)) {
      const before = session.heard.get(sender);
      if (before?.trailVersion === trail.applied && equalBytes(before.message, message)) continue;
      session.heard.set(sender, { message, trailVersion: trail.applied });
      await session.connection.send("pseudonym", message);
    }
  }

  async function sendCommands(gateId: GateId): Promise<void> {
    const { commands } = dependencies;
    const session = listening(gateId);
    if (session === undefined || commands === undefined) return;
    for (const command of await commands.due(gateId)) {
      const id = uuidText(command.commandId);
      if (session.commanded.has(id)) continue;
      session.commanded.add(id);
      const message = signed(keys, "command", commandMessage.encode({ version: 1, gateId, ...command }));
      await session.connection.send("command", message);
      await commands.sent(gateId, command.commandId);
    }
  }

  async function sendDeletions(gateId: GateId): Promise<void> {
    const { forgetting } = dependencies;
    const session = listening(gateId);
    if (session === undefined || forgetting === undefined) return;
    for (const one of await forgetting.due(gateId)) {
      const id = uuidText(one.deletionId);
      if (session.toForget.has(id)) continue;
      session.toForget.add(id);
      const payload = forgetMessage.encode({ version: 1, gateId, issuedAt: clock.now(), ...one });
      await session.connection.send("forget", signed(keys, "forget", payload));
    }
  }

  /** For work that nobody waits for: it is waited for at the stop, and its failure is logged. */
  function inBackground(gateId: GateId | undefined, what: string, work: Promise<unknown>): void {
    const logged = work.then(
      () => {},
      (error: unknown) =>
        logger.error({ ...(gateId === undefined ? {} : { gateId }), what, error }, "background work failed"),
    );
    background.add(logged);
    void logged.then(() => background.delete(logged));
  }

  function gateChanged(gateId: GateId): void {
    if (!live.hasListeners()) return;
    const tell = async () => {
      const [state] = await readGateStates(pool, [gateId]);
      if (state !== undefined) live.emit({ type: "gate", state });
    };
    inBackground(gateId, "live", tell());
  }

  async function admit(certificate: Uint8Array): Promise<EnrolledGate | undefined> {
    const named = readGateCertificate(certificate);
    if (named === undefined) return undefined;
    const gate = await readEnrolledGate(pool, named);
    if (gate === undefined || !equalBytes(gate.deviceKey.publicKey, named.publicKey)) return undefined;
    return gate;
  }

  async function tick(): Promise<void> {
    for (const gateId of await presence.tick()) sessions.get(gateId)?.connection.close();
    // Another server, or a person at the database, may have revoked it.
    for (const gateId of await readRevoked(pool, [...sessions.keys()])) drop(gateId);
    await partitions.ensure([monthOf(clock.now()), monthOf(clock.now()) + 1]);
    if (await proveIssues(pool, dependencies.trail)) {
      await pool.query(MARK_STALE, [null]);
      await pushStale();
    }
  }

  function drop(gateId: GateId): void {
    presence.forget(gateId);
    sessions.get(gateId)?.connection.close();
    sessions.delete(gateId);
  }

  async function identity(): Promise<ServerIdentity> {
    const now = clock.now();
    const hosts = [listen.publicHost, listen.mqtt.host, listen.gateTls.host].filter(
      (host, index, all) => !WILDCARDS.has(host) && all.indexOf(host) === index,
    );
    const { certificate } = await issueServerCertificate(keys.ca, { hosts, key: serverKey, now });
    const revoked = await readRevokedCertificates(pool);
    const list = await makeRevocationList(keys.ca, {
      revoked: revoked.map(({ serial, at }) => ({ serial, at: Instant(at.getTime()) })),
    });
    return {
      key: signingKeyToPem(serverKey),
      // With the authority behind it: a gate that enrols finds there what its code's second half vouches for.
      certificate: `${certificateToPem(certificate)}${certificateToPem(keys.ca.certificate)}`,
      ca: certificateToPem(keys.ca.certificate),
      revocationList: revocationListToPem(list),
    };
  }

  return {
    async start() {
      await partitions.ensure([monthOf(clock.now()), monthOf(clock.now()) + 1]);
      await presence.start();
      const own = await identity();
      const { publicHost } = listen;
      mqttListener = await listenForGates({
        ...listen.mqtt,
        publicHost,
        identity: own,
        logger,
        handlers: {
          admit,
          onConnected(connection) {
            sessions.set(connection.gate.gateId, {
              connection,
              subscribed: false,
              greeted: false,
              sent: new Map(),
              commanded: new Set(),
              toForget: new Set(),
              heard: new Map(),
            });
          },
          onSubscribed(connection) {
            const session = sessions.get(connection.gate.gateId);
            if (session?.connection === connection) session.subscribed = true;
          },
          onClosed(connection) {
            const { gateId } = connection.gate;
            if (sessions.get(gateId)?.connection !== connection) return;
            sessions.delete(gateId);
            presence.left(gateId);
          },
          async onMessage(connection, kind, payload) {
            presence.seen(connection.gate.gateId);
            await handlers[kind](connection, payload);
          },
        },
      });
      const mqtt = mqttListener.address;
      enrolmentListener = await listenForEnrolment({
        ...listen.gateTls,
        publicHost,
        identity: own,
        enrolment,
        handover: makeHandover({ pool, clock, logger, ingest }),
        mqtt: () => mqtt,
        logger,
      });
      ticker = setInterval(() => inBackground(undefined, "tick", tick()), TICK_MS);
      for (const gateId of await readStaleGates(pool)) inBackground(gateId, "documents", push(gateId));
      return { gateTls: enrolmentListener.address, mqtt };
    },

    async stop() {
      clearInterval(ticker);
      await enrolmentListener?.close();
      await mqttListener?.close();
      await ingest.idle();
      await Promise.all(background);
    },

    async makeEnrolmentCode(gateId) {
      if (enrolmentListener === undefined)
        throw new GateLinkError("not-started", "expected a running server");
      const made = await enrolment.makeCode(gateId);
      gateChanged(gateId);
      return { ...made, enrolUrl: `https://${enrolmentListener.address}` };
    },

    async revoke(gateId) {
      await markRevoked(pool, gateId, clock.now());
      drop(gateId);
      mqttListener?.setIdentity(await identity());
      gateChanged(gateId);
      // The others begin new pseudonyms.
      inBackground(undefined, "documents", pushStale());
    },

    reconnect: (gateId) => sessions.get(gateId)?.connection.close(),

    async markStale(execute, gateIds) {
      await execute(MARK_STALE, [gateIds ?? null]);
    },

    async pushDesired(gateId) {
      if (gateId !== undefined) {
        await pool.query(MARK_STALE, [[gateId]]);
        await push(gateId);
        return;
      }
      await pushStale();
    },

    sendCommands,
    sendDeletions() {
      for (const gateId of sessions.keys()) inBackground(gateId, "deletions", sendDeletions(gateId));
    },

    authority: keys.ca.certificate,
    readGates: () => readGateStates(pool),
    async readGate(gateId) {
      const [state] = await readGateStates(pool, [gateId]);
      return state ?? unknownGate(gateId);
    },
    onLive: live.onLive,
    readEventsAfter: (position, limit) => readEventsAfter(pool, position, limit),
    lastPosition: () => lastPosition(pool),
  };
}

/** Whom a client certificate names; TLS has checked that our authority issued it. */
function readGateCertificate(certificate: Uint8Array) {
  try {
    const facts = readCertificate(certificate);
    return { gateId: GateId(facts.commonName), publicKey: facts.publicKey.publicKey };
  } catch (error) {
    if (error instanceof TrustError || error instanceof DomainError) return undefined;
    throw error;
  }
}

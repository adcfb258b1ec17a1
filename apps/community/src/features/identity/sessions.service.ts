import { randomUUID } from "node:crypto";
import { hashToken, makeToken } from "@menshen/service-kit";
import { makePasskeys, type StoredPasskey, type WebauthnSettings } from "@menshen/service-kit/passkeys";
import type { ChangeReason, CommunityFacts, Duty, Passkey, Session } from "@menshen/wire";
import type { Actor } from "../../authority/authorise.ts";
import { dutyOf, effectiveRoles, ownPermissions, permissionsOf } from "../../authority/roles.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import { isVendorAccessOpen } from "../vendor-access/index.ts";
import {
  deleteSession,
  insertSession,
  type SessionRow,
  type StaffRow,
  selectCoveredDuties,
  selectSession,
  selectStaff,
  takeSignInCode,
  updateSession,
} from "./identity.store.ts";
import { passkeyRefused } from "./passkey-refused.ts";
import { makeRateLimit } from "./rate-limit.ts";
import { staffPasskeys } from "./staff-passkeys.ts";

const MINUTE_MS = 60_000;
/** A shift and a little more: then whoever is there signs in again. */
export const SESSION_LIFE_MS = 14 * 60 * MINUTE_MS;
/** Without any use a session ends earlier. */
export const SESSION_IDLE_MS = 60 * MINUTE_MS;
/** Use is noted at most this often. */
const USE_NOTED_MS = MINUTE_MS;

/** A live session: who acts, and how long still. */
export interface ActiveSession {
  readonly actor: Actor;
  readonly duties: readonly Duty[];
  readonly signedInBy: "code" | "passkey";
  readonly passkeyCount: number;
  readonly expiresAt: number;
  readonly idleExpiresAt: number;
}

/** A sign-in that worked: the token goes into the cookie and nowhere else. */
export interface SignedIn {
  readonly token: string;
  readonly expiresAt: number;
  readonly session: ActiveSession;
}

export interface SessionsDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly webauthn: WebauthnSettings;
  readonly community: () => Promise<CommunityFacts>;
  readonly demo: boolean;
}

const ROUTINE: ChangeReason = { code: "routine" };

export type SessionsService = ReturnType<typeof makeSessionsService>;

/** Signing in and out, sessions, and one's own passkeys. */
export function makeSessionsService(dependencies: SessionsDependencies) {
  const { db, clock, change, webauthn } = dependencies;
  const passkeys = makePasskeys({ webauthn, now: clock.now, store: staffPasskeys, refused: passkeyRefused });
  const perAddress = makeRateLimit(clock, 10, 6_000);
  const overall = makeRateLimit(clock, 120, 500);

  function limit(address: string): void {
    perAddress.take(address);
    overall.take("all");
  }

  async function activate(row: SessionRow): Promise<ActiveSession> {
    const roles = effectiveRoles(row.staff, row.staff.setUp ? await selectCoveredDuties(db) : new Set());
    const named = [...roles, ...row.staff.ownRoles.map(({ base }) => base)];
    const duties = [...new Set(named.map(dutyOf))];
    // A duty that others have taken over meanwhile falls back to the account's own.
    const duty = duties.includes(row.duty) ? row.duty : (duties[0] ?? row.duty);
    return {
      actor: {
        staffId: row.staff.id,
        displayName: row.staff.displayName,
        roles: named,
        duty,
        body: row.staff.body,
        permissions: new Set([...permissionsOf(roles, duty), ...ownPermissions(row.staff.ownRoles, duty)]),
      },
      duties,
      signedInBy: row.signedInBy,
      passkeyCount: row.staff.passkeyCount,
      expiresAt: row.expiresAt,
      idleExpiresAt: Math.min(row.expiresAt, row.lastUsedAt + SESSION_IDLE_MS),
    };
  }

  async function find(token: string): Promise<ActiveSession | undefined> {
    const hash = hashToken(token);
    const row = await selectSession(db, hash);
    const now = clock.now();
    if (row === undefined || row.expiresAt <= now || row.lastUsedAt + SESSION_IDLE_MS <= now)
      return undefined;
    if (isVendor(row.staff) && !(await isVendorAccessOpen(db, now))) return undefined;
    if (now - row.lastUsedAt < USE_NOTED_MS) return activate(row);
    await updateSession(db, hash, { lastUsedAt: now });
    return activate({ ...row, lastUsedAt: now });
  }

  /** Opens a session within the transaction that proved who it is. */
  async function open(
    staff: StaffRow,
    signedInBy: "code" | "passkey",
    trx: Parameters<typeof insertSession>[0],
    at: number,
  ): Promise<{ readonly token: string; readonly expiresAt: number }> {
    if (isVendor(staff) && !(await isVendorAccessOpen(trx, at))) {
      throw refusal("forbidden", "vendors are not let in now: the community opens their hours");
    }
    const { token, hash } = makeToken();
    const expiresAt = at + SESSION_LIFE_MS;
    await insertSession(trx, { hash, staffId: staff.id, duty: staff.duty, signedInBy, at, expiresAt });
    return { token, expiresAt };
  }

  async function signedIn(opened: { readonly token: string; readonly expiresAt: number }): Promise<SignedIn> {
    const session = await find(opened.token);
    if (session === undefined) throw refusal("not-signed-in", "sign in first");
    return { ...opened, session };
  }

  return {
    find,

    /** What a screen may know of its own session. */
    async describe(session: ActiveSession | undefined): Promise<Session> {
      const community = await dependencies.community();
      if (session === undefined)
        return { signedIn: false, community, setUp: !(await staffPasskeys.isAny(db)) };
      const { actor } = session;
      return {
        signedIn: true,
        community,
        staffId: actor.staffId,
        displayName: actor.displayName,
        roles: [...actor.roles],
        body: actor.body,
        duty: actor.duty,
        duties: [...session.duties],
        permissions: [...actor.permissions],
        signedInBy: session.signedInBy,
        passkeyCount: session.passkeyCount,
        expiresAt: session.expiresAt,
        idleExpiresAt: session.idleExpiresAt,
        demo: dependencies.demo,
      };
    },

    /** Throws `rate-limited`, `code-invalid`. */
    async signInWithCode(code: string, address: string): Promise<SignedIn> {
      limit(address);
      const opened = await change({ actor: undefined, reason: ROUTINE }, async ({ trx, at, record }) => {
        const staff = await takeSignInCode(trx, hashToken(code), at);
        if (staff === undefined)
          throw refusal("code-invalid", "this sign-in link is used up, expired or unknown");
        await record({
          action: "staff.signed-in",
          entity: "staff",
          entityId: staff.id,
          after: { by: "code" },
        });
        return open(staff, "code", trx, at);
      });
      return signedIn(opened);
    },

    /** Throws `rate-limited`. */
    async passkeyOptions(address: string) {
      limit(address);
      return passkeys.signInOptions(db);
    },

    /** Throws `rate-limited`, `passkey-refused`. */
    async signInWithPasskey(challengeId: string, response: unknown, address: string): Promise<SignedIn> {
      limit(address);
      const { passkey, signCount } = await passkeys.verifySignIn(db, { challengeId, response });
      const opened = await change({ actor: undefined, reason: ROUTINE }, async ({ trx, at, record }) => {
        const staff = await selectStaff(trx, passkey.ownerId);
        if (staff === undefined || staff.removedAt !== null) throw passkeyRefused();
        await staffPasskeys.noteUse(trx, { id: passkey.id, signCount, at });
        await record({
          action: "staff.signed-in",
          entity: "staff",
          entityId: staff.id,
          after: { by: "passkey" },
        });
        return open(staff, "passkey", trx, at);
      });
      return signedIn(opened);
    },

    async signOut(token: string): Promise<void> {
      await deleteSession(db, hashToken(token));
    },

    /** Throws `forbidden` for a duty that the account does not have. */
    async changeDuty(token: string, duty: Duty): Promise<ActiveSession> {
      const session = await find(token);
      if (session === undefined) throw refusal("not-signed-in", "sign in first");
      if (!session.duties.includes(duty))
        throw refusal("forbidden", `this account does not have the duty \`${duty}\``);
      await change({ actor: session.actor, reason: ROUTINE }, async ({ trx, record }) => {
        await updateSession(trx, hashToken(token), { duty });
        await record({
          action: "staff.duty-changed",
          entity: "staff",
          entityId: session.actor.staffId,
          before: { duty: session.actor.duty },
          after: { duty },
        });
      });
      const changed = await find(token);
      if (changed === undefined) throw refusal("not-signed-in", "sign in first");
      return changed;
    },

    async listPasskeys(actor: Actor): Promise<readonly Passkey[]> {
      return (await staffPasskeys.selectOf(db, actor.staffId)).map(passkeyView);
    },

    registrationOptions: (actor: Actor) =>
      passkeys.registrationOptions(db, { id: actor.staffId, name: actor.displayName }),

    /** Throws `passkey-refused`. */
    async registerPasskey(
      actor: Actor,
      input: { readonly challengeId: string; readonly response: unknown; readonly name: string },
    ): Promise<Passkey> {
      const { transports, backedUp, ...made } = await passkeys.verifyNew(db, actor.staffId, input);
      return change({ actor, reason: ROUTINE }, async ({ trx, at, record }) => {
        if ((await staffPasskeys.selectByWebauthnId(trx, made.webauthnId)) !== undefined)
          throw passkeyRefused();
        const passkey = {
          ...made,
          id: randomUUID(),
          ownerId: actor.staffId,
          name: input.name.trim(),
          createdAt: at,
        };
        const extra = { transports: [...transports], backed_up: backedUp };
        await staffPasskeys.insert(trx, passkey, extra);
        await record({ action: "passkey.registered", entity: "passkey", entityId: passkey.id, after: {} });
        return passkeyView({ ...passkey, ...extra, lastUsedAt: null });
      });
    },

    /** Throws `not-found` for a passkey of somebody else, `last-of-its-kind` for the only one. */
    async removePasskey(actor: Actor, id: string): Promise<void> {
      await change({ actor, reason: ROUTINE }, async ({ trx, record }) => {
        const own = await staffPasskeys.selectOf(trx, actor.staffId);
        if (!own.some((passkey) => passkey.id === id)) throw refusal("not-found", "no such passkey");
        if (own.length === 1) throw refusal("last-of-its-kind", "register another passkey first");
        await staffPasskeys.remove(trx, actor.staffId, id);
        await record({ action: "passkey.removed", entity: "passkey", entityId: id, before: {} });
      });
    },
  };
}

/** One that is also something else is a vendor all the same. */
function isVendor(staff: StaffRow): boolean {
  return staff.roles.includes("vendor") || staff.ownRoles.some(({ base }) => base === "vendor");
}

function passkeyView(row: StoredPasskey & { readonly backed_up: boolean }): Passkey {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.createdAt,
    backedUp: row.backed_up,
    ...(row.lastUsedAt === null ? {} : { lastUsedAt: row.lastUsedAt }),
  };
}

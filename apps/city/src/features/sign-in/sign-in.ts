import { randomUUID } from "node:crypto";
import { hashToken, makeToken, makeTokenBuckets } from "@menshen/service-kit";
import { type CityOfficer, type CitySession, citySessionEndpoints } from "@menshen/wire";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../clock.ts";
import { type Database, moment, recordAct, type Trx } from "../../database/database.ts";
import { found, refusal } from "../../errors.ts";
import type { Router, SignedInOfficer } from "../../http/router.ts";
import { type OfficerPasskeys, passkeyRefused } from "./officer-passkeys.ts";

const COOKIE = "menshen_city";
const HOUR_MS = 3_600_000;
/** A link lives for a day: long enough to be carried to a colleague, short enough to be forgotten. */
const LINK_LIFE_MS = 24 * HOUR_MS;
const SESSION_LIFE_MS = 12 * HOUR_MS;
const SESSION_IDLE_MS = HOUR_MS;
/** Use is noted at most this often. */
const USE_NOTED_MS = 60_000;
const FIRST_NAME = "管理员 Administrator";

export type SignIn = ReturnType<typeof makeSignIn>;

interface OpenedSession {
  readonly token: string;
  readonly expiresAt: number;
}

interface Link {
  readonly link: string;
  readonly expiresAt: number;
}

/** Officers, their links that work once, their passkeys, and their sessions. */
export function makeSignIn(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly city: string;
  readonly publicUrl: () => string;
  readonly secureCookie: boolean;
  readonly passkeys: OfficerPasskeys;
}) {
  const { db, clock, city, publicUrl, secureCookie, passkeys } = dependencies;
  const tooMany = (retryAfterSeconds: number) =>
    refusal("rate-limited", `too many attempts: try again in ${retryAfterSeconds} s`, { retryAfterSeconds });
  const attempts = makeTokenBuckets(clock.now, 10, 6_000, tooMany);

  async function issueLink(trx: Trx, officerId: string, at: number): Promise<Link> {
    const { token, hash } = makeToken();
    const expiresAt = at + LINK_LIFE_MS;
    const values = { officer_id: officerId, hash, expires_at: moment(expiresAt) };
    await trx
      .insertInto("sign_in_link")
      .values(values)
      .onConflict((conflict) =>
        conflict.column("officer_id").doUpdateSet({ hash, expires_at: moment(expiresAt) }),
      )
      .execute();
    return { link: `${publicUrl()}/#/sign-in?code=${token}`, expiresAt };
  }

  async function find(request: FastifyRequest): Promise<SignedInOfficer | undefined> {
    const token = request.cookies[COOKIE];
    if (token === undefined) return undefined;
    const hash = hashToken(token);
    const row = await db
      .selectFrom("session")
      .innerJoin("officer", "officer.id", "session.officer_id")
      .select(["officer.id", "officer.name", "last_used_at", "expires_at"])
      .where("hash", "=", hash)
      .where("officer.removed_at", "is", null)
      .executeTakeFirst();
    const now = clock.now();
    if (row === undefined || row.expires_at <= now || row.last_used_at + SESSION_IDLE_MS <= now)
      return undefined;
    if (now - row.last_used_at >= USE_NOTED_MS) {
      await db
        .updateTable("session")
        .set({ last_used_at: moment(now) })
        .where("hash", "=", hash)
        .execute();
    }
    return { officerId: row.id, name: row.name, expiresAt: row.expires_at };
  }

  async function selectOfficer(trx: Trx, id: string): Promise<CityOfficer> {
    const row = await trx.selectFrom("officer").selectAll().where("id", "=", id).executeTakeFirst();
    return officerView(found(row, "officer"));
  }

  /** Throws `code-invalid` for a link that is used up, expired or unknown. */
  async function takeLink(code: string): Promise<OpenedSession> {
    return db.transaction().execute(async (trx) => {
      const at = clock.now();
      const link = await trx
        .deleteFrom("sign_in_link")
        .where("hash", "=", hashToken(code))
        .returning(["officer_id", "expires_at"])
        .executeTakeFirst();
      if (link === undefined || link.expires_at <= at) {
        throw refusal("code-invalid", "this sign-in link is used up, expired or unknown");
      }
      return openSession(trx, link.officer_id, at);
    });
  }

  /** Throws `passkey-refused`, also for an officer whose access ended. */
  async function takePasskey(input: { readonly challengeId: string; readonly response: unknown }) {
    const { passkey, signCount } = await passkeys.verifySignIn(input);
    return db.transaction().execute(async (trx) => {
      const at = clock.now();
      const officer = await trx
        .selectFrom("officer")
        .select("id")
        .where("id", "=", passkey.ownerId)
        .where("removed_at", "is", null)
        .executeTakeFirst();
      if (officer === undefined) throw passkeyRefused();
      await passkeys.noteUse(trx, { id: passkey.id, signCount, at });
      return openSession(trx, officer.id, at);
    });
  }

  async function openSession(trx: Trx, officerId: string, at: number): Promise<OpenedSession> {
    const { token, hash } = makeToken();
    const expiresAt = at + SESSION_LIFE_MS;
    await trx
      .insertInto("session")
      .values({ hash, officer_id: officerId, last_used_at: moment(at), expires_at: moment(expiresAt) })
      .execute();
    await trx.deleteFrom("session").where("expires_at", "<", moment(at)).execute();
    await recordAct(trx, { at, officerId, action: "signed-in", entityId: officerId });
    return { token, expiresAt };
  }

  /** The browser gets the session's cookie, and hears who it is now. */
  async function welcome(
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
    { token, expiresAt }: OpenedSession,
  ): Promise<CitySession> {
    const cookie = { httpOnly: true, sameSite: "strict", path: "/", secure: secureCookie } as const;
    reply.setCookie(COOKIE, token, { ...cookie, expires: new Date(expiresAt) });
    request.cookies[COOKIE] = token;
    return view(await find(request));
  }

  const view = (officer: SignedInOfficer | undefined): CitySession =>
    officer === undefined
      ? { signedIn: false, city }
      : {
          signedIn: true,
          city,
          officer: { id: officer.officerId, name: officer.name },
          expiresAt: officer.expiresAt,
        };

  return {
    find,

    /**
     * A link for the oldest officer, who is made at the first start; none while somebody is signed in, or once anybody can sign in
     * with a passkey.
     */
    async firstLink(): Promise<Link | undefined> {
      return db.transaction().execute(async (trx) => {
        const at = clock.now();
        const alive = await trx
          .selectFrom("session")
          .select("hash")
          .where("expires_at", ">", moment(at))
          .where("last_used_at", ">", moment(at - SESSION_IDLE_MS))
          .executeTakeFirst();
        if (alive !== undefined || (await passkeys.isAny(trx))) return undefined;
        const oldest = await trx
          .selectFrom("officer")
          .select("id")
          .where("removed_at", "is", null)
          .orderBy("created_at")
          .executeTakeFirst();
        const id = oldest?.id ?? randomUUID();
        if (oldest === undefined) {
          await trx
            .insertInto("officer")
            .values({ id, name: FIRST_NAME, created_at: moment(at) })
            .execute();
        }
        await recordAct(trx, { at, officerId: null, action: "link-made", entityId: id });
        return issueLink(trx, id, at);
      });
    },

    routes(router: Router): void {
      router.open(citySessionEndpoints.get, async ({ request }) => view(await find(request)));
      router.open(citySessionEndpoints.signIn, async (call) => {
        attempts.take(call.request.ip);
        return welcome(call, await takeLink(call.body.code));
      });
      router.open(citySessionEndpoints.passkeyOptions, ({ request }) => {
        attempts.take(request.ip);
        return passkeys.signInOptions();
      });
      router.open(citySessionEndpoints.signInWithPasskey, async (call) => {
        attempts.take(call.request.ip);
        return welcome(call, await takePasskey(call.body));
      });
      passkeys.routes(router);
      router.open(citySessionEndpoints.signOut, async ({ request, reply }) => {
        const token = request.cookies[COOKIE];
        if (token !== undefined)
          await db.deleteFrom("session").where("hash", "=", hashToken(token)).execute();
        reply.clearCookie(COOKIE, { httpOnly: true, sameSite: "strict", path: "/", secure: secureCookie });
        return null;
      });
      router.officer(citySessionEndpoints.officers, async () => {
        const rows = await db.selectFrom("officer").selectAll().orderBy("name").orderBy("id").execute();
        return { items: rows.map(officerView) };
      });
      router.officer(citySessionEndpoints.addOfficer, ({ officer, body }) =>
        db.transaction().execute(async (trx) => {
          const [at, id] = [clock.now(), randomUUID()];
          await trx
            .insertInto("officer")
            .values({ id, name: body.name.trim(), created_at: moment(at) })
            .execute();
          await recordAct(trx, { at, officerId: officer.officerId, action: "officer-added", entityId: id });
          return { officer: await selectOfficer(trx, id), ...(await issueLink(trx, id, at)) };
        }),
      );
      router.officer(citySessionEndpoints.renewLink, ({ officer, params }) =>
        db.transaction().execute(async (trx) => {
          const at = clock.now();
          const colleague = await selectOfficer(trx, params.id);
          if (colleague.removedAt !== undefined) throw refusal("conflict", "this officer's access was ended");
          await recordAct(trx, {
            at,
            officerId: officer.officerId,
            action: "link-made",
            entityId: params.id,
          });
          return { officer: colleague, ...(await issueLink(trx, params.id, at)) };
        }),
      );
      router.officer(citySessionEndpoints.removeOfficer, ({ officer, params }) =>
        db.transaction().execute(async (trx) => {
          if (params.id === officer.officerId)
            throw refusal("conflict", "nobody ends their own access: a colleague does");
          const at = clock.now();
          await selectOfficer(trx, params.id);
          await trx
            .updateTable("officer")
            .set({ removed_at: moment(at) })
            .where("id", "=", params.id)
            .where("removed_at", "is", null)
            .execute();
          await trx.deleteFrom("session").where("officer_id", "=", params.id).execute();
          await trx.deleteFrom("sign_in_link").where("officer_id", "=", params.id).execute();
          await passkeys.removeAll(trx, params.id);
          await recordAct(trx, {
            at,
            officerId: officer.officerId,
            action: "officer-removed",
            entityId: params.id,
          });
          return null;
        }),
      );
    },
  };
}

function officerView(row: { id: string; name: string; removed_at: number | null }): CityOfficer {
  return { id: row.id, name: row.name, ...(row.removed_at === null ? {} : { removedAt: row.removed_at }) };
}

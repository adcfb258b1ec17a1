import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ed25519Generate, randomBytes } from "@menshen/crypto/node";
import type { Instant } from "@menshen/domain";
import { formatVerifierKey } from "@menshen/evidence";
import type { LogWitness } from "@menshen/evidence/node";
import { closeAfterwards } from "@menshen/testkit/close-afterwards";
import { createCommunityCa } from "@menshen/trust";
import {
  type BodyOf,
  CHANGE_REASON_HEADER,
  type ChangeReason,
  type Duty,
  type Endpoint,
  encodeChangeReason,
  encodeViewReason,
  fillPath,
  type ParamsOf,
  type Problem,
  type QueryOf,
  type ResponseOf,
  type StaffRole,
  sessionEndpoints,
  staffEndpoints,
  type UploadFile,
  VIEW_REASON_HEADER,
  type ViewReason,
} from "@menshen/wire";
import { deltaOf } from "../features/publishing/index.ts";
import { makeGateLink } from "../gate-link/index.ts";
import { openDeskDayKeys } from "../keys/desk-day-keys.ts";
import type { KeyPlan } from "../keys/key-vault.ts";
import { openPersonKeys, type PersonKeys } from "../keys/person-keys.ts";
import { makeStorageKey, type StorageKey } from "../keys/storage-key.ts";
import { type CommunityServer, type CommunityServerOptions, makeCommunityServer } from "../server.ts";
import { makeTestClock, type TestClock } from "./test-clock.ts";
import { quietLogger, startTestDatabase, type TestDatabase } from "./test-database.ts";

/** Keys in a file whose passphrase costs nothing. */
export function testKeyPlan(folder: string): KeyPlan {
  return {
    place: { backEnd: "file", file: join(folder, "store"), cost: { memoryKib: 64, passes: 1, lanes: 1 } },
    secret: "two gods at one door",
  };
}

export const ORIGIN = "http://localhost:8080";

/** A whole community server over a real database, reached by injected requests. */
export interface TestServer extends CommunityServer, TestDatabase {
  readonly clock: TestClock;
  readonly storageKey: StorageKey;
  readonly personKeys: PersonKeys;
  /** Folder of the files that the duty desk's keys need. */
  readonly deskDays: string;
  readonly ca: Awaited<ReturnType<typeof createCommunityCa>>;
  /** Where the gate link listens. */
  readonly addresses: { readonly gateTls: string; readonly mqtt: string };
  /** A browser without a session. */
  readonly visitor: () => TestClient;
  /** Signed in by the one-time link of the first start, acting in `duty`. */
  readonly founder: (duty?: Duty) => Promise<TestClient>;
  /** A new account with these roles, signed in by its one-time link. */
  readonly member: (...roles: StaffRole[]) => Promise<TestClient>;
}

export type Answer<E extends Endpoint> =
  | { readonly ok: true; readonly status: number; readonly body: ResponseOf<E> }
  | { readonly ok: false; readonly status: number; readonly problem: Problem };

interface CallInput<E extends Endpoint> {
  readonly params?: ParamsOf<E>;
  readonly query?: QueryOf<E>;
  readonly body?: BodyOf<E>;
  readonly upload?: UploadFile;
  readonly reason?: ChangeReason;
  /** Why residents' data are looked at; absent: a resident asked. `null`: nothing is said. */
  readonly viewReason?: ViewReason | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser: keeps its cookie. */
export interface TestClient {
  cookie: string | undefined;
  /** The answer, whatever it is. */
  readonly ask: <E extends Endpoint>(endpoint: E, input?: CallInput<E>) => Promise<Answer<E>>;
  /** The body of a success; throws for a refusal. */
  readonly call: <E extends Endpoint>(endpoint: E, input?: CallInput<E>) => Promise<ResponseOf<E>>;
  /** The code of a refusal; throws for a success. */
  readonly refused: <E extends Endpoint>(endpoint: E, input?: CallInput<E>) => Promise<Problem>;
}

/** What a test sets otherwise; the evidence log always has the test's own database. */
interface TestOverrides extends Partial<Omit<CommunityServerOptions, "evidence">> {
  readonly evidence?: {
    readonly secretKey?: Uint8Array;
    /** Registered before the server starts. */
    readonly witnesses?: readonly LogWitness[];
    readonly quorum?: number;
  };
}

/**
 * @param start where the server's clock stands; tests with real gates begin at the machine's own time, which is the time
 *   that TLS reads certificates by
 */
export async function startTestServer(overrides: TestOverrides = {}, start?: Instant): Promise<TestServer> {
  const clock = makeTestClock(start);
  const storageKey = overrides.storageKey ?? makeStorageKey(randomBytes(32));
  const deskDays = mkdtempSync(join(tmpdir(), "menshen-desk-days-"));
  closeAfterwards(() => {
    for (const folder of ["", "-persons", "-keys"])
      rmSync(`${deskDays}${folder}`, { recursive: true, force: true });
  });
  const personKeys = overrides.personKeys ?? openPersonKeys(`${deskDays}-persons`, storageKey);
  const database = await startTestDatabase(personKeys.openText);
  const authority: { ca?: Awaited<ReturnType<typeof createCommunityCa>> } = {};
  const { witnesses = [], quorum = 0, secretKey = randomBytes(32) } = overrides.evidence ?? {};
  for (const { body, url, key } of witnesses) {
    await database.pool.query(
      "insert into witness (id, name, body, url, key, added_at) values (gen_random_uuid(), $1, $2, $3, $4, $5)",
      [key.name, body, url, formatVerifierKey(key), new Date(clock.now())],
    );
  }
  await database.pool.query("update witness_setting set quorum = $1", [quorum]);
  const server = await makeCommunityServer({
    db: database.db,
    clock,
    logger: quietLogger,
    storageKey,
    personKeys,
    keyPlan: testKeyPlan(`${deskDays}-keys`),
    deskDayKeys: openDeskDayKeys(deskDays),
    firstCommunity: { name: "海棠苑", timeZone: "Asia/Shanghai" },
    makeGateLink: async (community, publisher, trail, sources) => {
      authority.ca = await createCommunityCa(community.id);
      return makeGateLink({
        pool: database.pool,
        clock,
        logger: quietLogger,
        community,
        keys: { ca: authority.ca, policy: ed25519Generate() },
        listen: {
          gateTls: { host: "127.0.0.1", port: 0 },
          mqtt: { host: "127.0.0.1", port: 0 },
          publicHost: "localhost",
        },
        compileFor: publisher.compileFor,
        deltaOf,
        trail,
        ...sources,
      });
    },
    publicUrl: () => ORIGIN,
    hostNames: ["localhost"],
    passkeyHost: "localhost",
    https: false,
    version: "0.0.0-test",
    consoleDir: fileURLToPath(new URL("./console-fixture/", import.meta.url)),
    pageApps: [
      {
        prefix: "/resident/",
        folder: fileURLToPath(new URL("./resident-fixture/", import.meta.url)),
      },
      { prefix: "/public/", folder: fileURLToPath(new URL("./not-built/", import.meta.url)) },
    ],
    ...overrides,
    evidence: { secretKey, pool: database.pool },
  });
  const addresses = await server.gateLink.start();
  closeAfterwards(async () => {
    await server.close();
    await server.gateLink.stop();
  });
  const { ca } = authority;
  if (ca === undefined) throw new Error("the gate link was not made");

  const visitor = () => makeClient(server);
  async function founder(duty: Duty = "operate"): Promise<TestClient> {
    const link = await server.staff.makeBootstrapCode();
    if (link === undefined) throw new Error("no one-time link: a passkey exists");
    const client = await signedIn(link.code);
    if (duty !== "operate") await client.call(sessionEndpoints.changeDuty, { body: { duty } });
    return client;
  }
  async function signedIn(code: string): Promise<TestClient> {
    const client = visitor();
    await client.call(sessionEndpoints.signInWithCode, { body: { code } });
    return client;
  }
  let members = 0;
  return {
    ...server,
    ...database,
    clock,
    storageKey,
    personKeys,
    deskDays,
    ca,
    addresses,
    visitor,
    founder,
    async member(...roles) {
      members += 1;
      const secure = await founder("secure");
      const { signIn } = await secure.call(staffEndpoints.create, {
        body: { displayName: `${roles.join(" ")} ${members}`, roles },
      });
      return signedIn(signIn.code);
    },
  };
}

function makeClient({ app }: CommunityServer): TestClient {
  const client: TestClient = {
    cookie: undefined,
    async ask<E extends Endpoint>(endpoint: E, input: CallInput<E> = {}): Promise<Answer<E>> {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries<unknown>(input.query ?? {})) {
        if (typeof value === "string") query.set(name, value);
        else if (value !== undefined) query.set(name, JSON.stringify(value));
      }
      const params = Object.fromEntries(
        Object.entries(input.params ?? {}).map(([name, value]) => [name, String(value)]),
      );
      const response = await app.inject({
        method: endpoint.method,
        url: `${fillPath(endpoint.path, params)}${query.size === 0 ? "" : `?${query}`}`,
        headers: {
          host: "localhost:8080",
          ...(endpoint.method === "GET" ? {} : { origin: ORIGIN, "sec-fetch-site": "same-origin" }),
          ...(client.cookie === undefined ? {} : { cookie: client.cookie }),
          ...(input.reason === undefined ? {} : { [CHANGE_REASON_HEADER]: encodeChangeReason(input.reason) }),
          ...(input.viewReason === null || (endpoint.shows === undefined && input.viewReason === undefined)
            ? {}
            : { [VIEW_REASON_HEADER]: encodeViewReason(input.viewReason ?? { code: "resident-request" }) }),
          ...(input.upload === undefined ? {} : { "content-type": input.upload.type }),
          ...input.headers,
        },
        ...(input.body === undefined ? {} : { payload: Object(input.body) }),
        ...(input.upload === undefined ? {} : { payload: Buffer.from(input.upload.bytes) }),
      });
      for (const cookie of response.cookies) {
        client.cookie = cookie.value === "" ? undefined : `${cookie.name}=${cookie.value}`;
      }
      const body = response.body === "" ? null : response.json();
      return response.statusCode < 400
        ? { ok: true, status: response.statusCode, body }
        : { ok: false, status: response.statusCode, problem: body };
    },
    async call(endpoint, input) {
      const answer = await client.ask(endpoint, input);
      if (!answer.ok) throw new Error(`${endpoint.id}: ${JSON.stringify(answer.problem)}`);
      return answer.body;
    },
    async refused(endpoint, input) {
      const answer = await client.ask(endpoint, input);
      if (answer.ok) throw new Error(`${endpoint.id}: expected a refusal`);
      return answer.problem;
    },
  };
  return client;
}

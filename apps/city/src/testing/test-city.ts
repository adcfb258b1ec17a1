import { fileURLToPath } from "node:url";
import { randomBytes, type VoprfKeys, voprfGenerate } from "@menshen/crypto/node";
import { makeLogger } from "@menshen/service-kit";
import { type CityClient, makeCityClient, weekOf } from "@menshen/service-kit/city-link";
import { closeServiceHttp } from "@menshen/service-kit/http";
import { closeAfterwards } from "@menshen/testkit/close-afterwards";
import { makeWorkerDatabase } from "@menshen/testkit/worker-postgres";
import {
  type BodyOf,
  type CityReport,
  cityCommunityEndpoints,
  cityIncidentEndpoints,
  citySessionEndpoints,
  type Endpoint,
  fillPath,
  type Problem,
  type ResponseOf,
} from "@menshen/wire";
import { type Database, openDatabase } from "../database/database.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "../features/incidents/index.ts";
import { makeCityServer } from "../server.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations/", import.meta.url));
/** 2026-11-23T00:00:00Z, a Monday. */
export const MONDAY = Date.parse("2026-11-23T00:00:00Z");
export const THIS_WEEK = weekOf(MONDAY);

interface CallInput<E extends Endpoint> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: BodyOf<E>;
}

/** A browser: keeps its cookie. */
export interface Browser {
  /** The body of a success; throws for a refusal. */
  readonly call: <E extends Endpoint>(endpoint: E, input?: CallInput<E>) => Promise<ResponseOf<E>>;
  /** The refusal; throws for a success. */
  readonly refused: <E extends Endpoint>(endpoint: E, input?: CallInput<E>) => Promise<Problem>;
}

/** A whole city server over a real database and real HTTP on loopback. */
export interface TestCity {
  readonly db: Database;
  readonly keys: VoprfKeys;
  readonly http: string;
  readonly clock: { now: () => number; advance: (ms: number) => void };
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  readonly browser: () => Browser;
  /** What a start gives. */
  readonly firstLink: () => Promise<{ readonly link: string } | undefined>;
  /** Signed in by a link of the first start. */
  readonly officer: () => Promise<Browser>;
  /** A community that has enrolled. */
  readonly community: (name: string) => Promise<CityClient & { readonly id: string }>;
  /** Somebody with a key that nobody knows. */
  readonly stranger: () => CityClient;
  readonly incidents: () => Promise<ResponseOf<typeof cityIncidentEndpoints.list>["items"]>;
}

export async function startTestCity(thresholds: Partial<Thresholds> = {}): Promise<TestCity> {
  const connection = await makeWorkerDatabase("city", MIGRATIONS);
  const db = openDatabase(connection, () => {});
  let now = MONDAY;
  const clock = {
    now: () => now,
    advance(ms: number) {
      now += ms;
    },
  };
  const keys = voprfGenerate(randomBytes);
  const routes: { method: string; path: string }[] = [];
  let http = "";
  const { app, firstLink } = await makeCityServer({
    db,
    clock,
    logger: makeLogger({ app: "test", level: "error" }),
    keys,
    name: "Test City",
    thresholds: { ...DEFAULT_THRESHOLDS, ...thresholds },
    hostNames: ["localhost", "127.0.0.1"],
    https: false,
    publicUrl: () => http,
    passkeyHost: "localhost",
    pagesDir: fileURLToPath(new URL("./not-built/", import.meta.url)),
    onRoute: (route) => routes.push(route),
  });
  // Passkeys are bound to a name, as the browser says it.
  http = (await app.listen({ host: "127.0.0.1", port: 0 })).replace("127.0.0.1", "localhost");
  closeAfterwards(async () => {
    await closeServiceHttp(app);
    await db.destroy();
  });

  const client = (secretKey = randomBytes(32)) =>
    makeCityClient({ url: http, secretKey, now: clock.now, randomBytes });
  let first: Promise<Browser> | undefined;
  const officer = async () => {
    first ??= (async () => {
      const link = await firstLink();
      const browser = makeBrowser(http);
      await browser.call(citySessionEndpoints.signIn, { body: { code: codeOf(link?.link ?? "") } });
      return browser;
    })();
    return first;
  };
  return {
    db,
    keys,
    http,
    clock,
    routes,
    browser: () => makeBrowser(http),
    officer,
    firstLink,
    stranger: () => client(),
    async community(name) {
      const added = await (await officer()).call(cityCommunityEndpoints.add, { body: { name } });
      const community = client();
      await community.enrol(added.code);
      return { ...community, id: added.community.id };
    },
    incidents: async () => (await (await officer()).call(cityIncidentEndpoints.list)).items,
  };
}

/** What a community tells of a copied card, with a batch of its own unless told. */
export function report(of: Partial<CityReport> = {}): CityReport {
  return { source: "case", week: THIS_WEEK, chip: "uid", batchPrefix: "5c3e", ...of };
}

/** The code that a link carries. */
export function codeOf(link: string): string {
  return link.split("code=")[1] ?? "";
}

function makeBrowser(http: string): Browser {
  let cookie: string | undefined;
  async function ask(endpoint: Endpoint, input: CallInput<Endpoint>) {
    const query = new URLSearchParams(input.query);
    const response = await fetch(
      `${http}${fillPath(endpoint.path, input.params)}${query.size === 0 ? "" : `?${query}`}`,
      {
        method: endpoint.method,
        headers: {
          ...(cookie === undefined ? {} : { cookie }),
          ...(input.body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      },
    );
    const set = response.headers.get("set-cookie");
    if (set !== null) cookie = set.split(";")[0];
    const text = await response.text();
    return { ok: response.ok, body: text === "" ? null : JSON.parse(text) };
  }
  return {
    async call(endpoint, input = {}) {
      const answer = await ask(endpoint, input);
      if (!answer.ok) throw new Error(`${endpoint.id}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    async refused(endpoint, input = {}) {
      const answer = await ask(endpoint, input);
      if (answer.ok) throw new Error(`${endpoint.id} was not refused`);
      return answer.body;
    },
  };
}

import { text as textIn } from "node:stream/consumers";
import * as wire from "@menshen/wire";
import {
  CHANGE_REASON_HEADER,
  type Endpoint,
  encodeChangeReason,
  encodeViewReason,
  fillPath,
  PERMISSIONS,
  VIEW_REASON_HEADER,
} from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { buildRouteMatrixWorld, type Caller } from "./testing/route-matrix-world.ts";
import type { RouteRow } from "./testing/route-row.ts";
import { ROUTE_TABLE } from "./testing/route-table.ts";
import { sampleOf } from "./testing/sample-of-schema.ts";
import { ORIGIN, type TestClient } from "./testing/test-server.ts";

const world = await buildRouteMatrixWorld();
const { app } = world.server;
await app.ready();

const endpoints = new Map(
  Object.entries(wire)
    .filter(([name]) => name.endsWith("Endpoints"))
    .flatMap(([, group]) => Object.values(group).filter(isEndpoint))
    .map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]),
);
/** Built files stand for all files beside them. */
const routes = world.routes.map(({ method, path }) => ({
  method,
  path,
  key: `${method} ${path.replace(/\/assets\/.+$/, "/assets/*")}`,
}));
type Route = (typeof routes)[number];
const rowOf = ({ key }: Route): RouteRow | undefined => ROUTE_TABLE[key];
const rowsOf = (...kinds: readonly string[]) =>
  routes.filter((route) => kinds.includes(rowOf(route)?.split(" ")[0] ?? ""));
/** End the session of whoever calls them, or change it to another duty, which most have not: called last. */
const ENDING = new Set(["DELETE /api/v1/session", "PUT /api/v1/session/duty"]);
const NOBODY: Caller = { name: "nobody", client: world.server.visitor() };
const FORGED: Caller = {
  name: "forged session",
  client: { ...world.server.visitor(), cookie: "menshen_session=AAAA; menshen_resident=AAAA" },
};

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === "object" && value !== null && "method" in value && "path" in value;
}

interface Sent {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Say nothing of why residents are looked at. */
  readonly withoutReason?: boolean;
}

/** What a route answered. `code` is that of a refusal. */
interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly text: string;
}

async function call({ client }: { client: TestClient }, route: Route, sent: Sent = {}): Promise<Answer> {
  const endpoint = endpoints.get(route.key);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(Object(sampleOf(endpoint?.query))))
    query.set(name, String(value));
  const params = { ...textsOf(sampleOf(endpoint?.params)), ...sent.params };
  const path = fillPath(route.path.replace("*", "000"), { index: "0", ...params });
  const streams = endpoint?.id === wire.liveEndpoints.stream.id;
  const response = await app.inject({
    method: endpoint?.method ?? "GET",
    url: query.size === 0 ? path : `${path}?${query}`,
    payloadAsStream: streams,
    headers: {
      host: "localhost:8080",
      ...(route.method === "GET" ? {} : { origin: ORIGIN, "sec-fetch-site": "same-origin" }),
      ...(client.cookie === undefined ? {} : { cookie: client.cookie }),
      [CHANGE_REASON_HEADER]: encodeChangeReason({ code: "other", text: "matrix" }),
      ...(endpoint?.shows === undefined || sent.withoutReason === true
        ? {}
        : { [VIEW_REASON_HEADER]: encodeViewReason({ code: "resident-request" }) }),
    },
    ...(endpoint?.body === undefined ? {} : { payload: Object(sent.body ?? sampleOf(endpoint.body)) }),
  });
  const status = response.statusCode;
  if (streams && status < 400) {
    response.stream().destroy();
    return { status, code: undefined, detail: undefined, text: "" };
  }
  const text = streams ? await textIn(response.stream()) : response.body;
  const isProblem = String(response.headers["content-type"]).startsWith("application/problem+json");
  const problem = isProblem ? Object(JSON.parse(text)) : {};
  return { status, code: problem.code, detail: problem.detail, text };
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(Object(value)).map(([name, one]) => [name, String(one)]));
}

/** Everything of the subject's that stands in a text. */
const leaked = (text: string) => world.marks.filter((mark) => text.includes(mark));

/** Calls all these routes as somebody and says what is not as expected, with the route and who called it. */
async function mismatches(
  callers: readonly Caller[],
  called: readonly Route[],
  judge: (answer: Answer, caller: Caller, route: Route) => string | undefined,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const route of called) {
    for (const caller of callers) {
      const answer = await call(caller, route);
      const complaint = judge(answer, caller, route);
      if (complaint !== undefined) {
        wrong.push(`${route.key} as ${caller.name}: ${answer.status} ${answer.code ?? ""}: ${complaint}`);
      }
    }
  }
  return wrong;
}

/** A refusal by this code that tells why and nothing else. */
function refusedAs(...codes: readonly string[]) {
  return ({ code, detail, text }: Answer) => {
    if (code === undefined || !codes.includes(code)) return `expected ${codes.join(" or ")}`;
    if (detail === undefined || detail === "") return "the refusal does not say why";
    return leaked(text).length === 0 ? undefined : `leaks ${leaked(text)}`;
  };
}

describe("the table", () => {
  test("has a line for every route of the running server, and none more", () => {
    const keys = new Set(routes.map(({ key }) => key));
    const missing = routes.filter((route) => rowOf(route) === undefined).map(({ key }) => key);
    const hint = missing.map((key) => `  "${key}": "${suggestion(key)}",`).join("\n");
    expect(
      missing,
      `add to ROUTE_TABLE in apps/community/src/testing/route-table.ts, each with who may call it:\n${hint}\n`,
    ).toEqual([]);
    expect(
      Object.keys(ROUTE_TABLE).filter((key) => !keys.has(key)),
      "no such route: take its line out of apps/community/src/testing/route-table.ts",
    ).toEqual([]);
  });

  test("says of each route what its documentation says", () => {
    const expected = { staff: "session", resident: "residentSession", custodian: "custodianSignature" };
    for (const route of routes) {
      const kind = rowOf(route)?.split(" ")[0] ?? "";
      expect(schemeOf(route.key), route.key).toBe(Reflect.get(expected, kind));
    }
  });
});

function schemeOf(key: string): string | undefined {
  const [method = "", path = ""] = key.split(" ");
  const operation = Object(app.swagger().paths?.[path.replace(/:(\w+)/g, "{$1}")])[method.toLowerCase()];
  return Object.keys(operation?.security?.[0] ?? {})[0];
}

function suggestion(key: string): string {
  const scheme = schemeOf(key);
  if (scheme === "session") return "staff PERMISSION";
  if (scheme === "custodianSignature") return "custodian";
  if (scheme === "residentSession") return key.includes(":") ? "resident own" : "resident";
  return "anyone";
}

describe("routes for anybody", () => {
  test("say nothing about anybody", async () => {
    const wrong = await mismatches([NOBODY, FORGED], rowsOf("anyone"), ({ status, text }) => {
      if (status >= 500 && status !== 503) return "fails";
      return leaked(text).length === 0 ? undefined : `leaks ${leaked(text)}`;
    });
    expect(wrong).toEqual([]);
  });

  test("let nobody in without the secret", async () => {
    const refused = refusedAs("code-invalid", "key-refused", "passkey-refused", "rate-limited");
    expect(await mismatches([NOBODY, FORGED], rowsOf("secret"), refused)).toEqual([]);
  });
});

describe("routes of custodians", () => {
  test("are for programs that sign", async () => {
    const callers = [NOBODY, FORGED, { name: "resident", client: world.subject.client }, ...world.staff];
    expect(await mismatches(callers, rowsOf("custodian"), refusedAs("not-signed-in", "key-refused"))).toEqual(
      [],
    );
  });
});

describe("routes of staff", () => {
  const called = rowsOf("staff").toSorted((a, b) => Number(ENDING.has(a.key)) - Number(ENDING.has(b.key)));
  const permitted = (route: Route) => (rowOf(route)?.split(" ") ?? []).filter((word) => word.includes("."));

  test("are closed to whoever has no session of staff", async () => {
    const callers = [NOBODY, FORGED, { name: "resident", client: world.subject.client }, ...world.others];
    expect(await mismatches(callers, called, refusedAs("not-signed-in"))).toEqual([]);
  });

  test("show residents' data only to whoever says why", async () => {
    const wrong: string[] = [];
    for (const route of called) {
      if (endpoints.get(route.key)?.shows?.reason !== "required") continue;
      for (const { name, client, permissions } of world.staff) {
        if (!permitted(route).some((word) => [...permissions].some((one) => one === word))) continue;
        const { code } = await call({ client }, route, { withoutReason: true });
        if (code !== "view-reason-required") wrong.push(`${route.key} as ${name}: ${code}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("need a permission that each role has or has not", async () => {
    const refused = refusedAs("forbidden", "wrong-duty");
    const wrong = await mismatches(world.staff, called, (answer, { name }, route) => {
      const needed = permitted(route);
      const permissions = world.staff.find((one) => one.name === name)?.permissions ?? new Set();
      if (needed.length > 0 && !needed.some((word) => [...permissions].some((one) => one === word))) {
        return refused(answer);
      }
      if (["not-signed-in", "forbidden"].includes(answer.code ?? "") && !ENDING.has(route.key)) {
        return "should be allowed";
      }
      return answer.status === 500 ? "fails" : undefined;
    });
    expect(wrong).toEqual([]);
  });

  test("need that permission and no other", async () => {
    const wrong: string[] = [];
    for (const permission of PERMISSIONS) {
      const only = called.filter((route) => {
        const needed = permitted(route);
        return needed.length === 1 && needed[0] === permission;
      });
      if (only.length === 0) continue;
      const caller = await world.allBut(permission);
      wrong.push(...(await mismatches([caller], only, refusedAs("forbidden", "wrong-duty"))));
    }
    expect(wrong).toEqual([]);
  });
});

describe("routes of residents", () => {
  const called = rowsOf("resident");

  test("are closed to strangers, to staff, and to sessions that were ended", async () => {
    const callers = [NOBODY, FORGED, ...world.staff, ...world.ended];
    expect(await mismatches(callers, called, refusedAs("not-signed-in"))).toEqual([]);
  });

  test("tell nobody anything of anybody else", async () => {
    const wrong = await mismatches(world.others, called, ({ status, text }, { name }, route) => {
      if (status === 500) return "fails";
      if (rowOf(route) === "resident home" && world.householdNames.has(name)) return undefined;
      return leaked(text).length === 0 ? undefined : `leaks ${leaked(text)}`;
    });
    expect(wrong).toEqual([]);
  });

  test("refuse what is somebody else's, whoever asks (privacy row L4), and keep the attempt to look", async () => {
    const refused = refusedAs("forbidden", "not-found", "key-refused");
    const wrong: string[] = [];
    for (const route of called.filter((one) => rowOf(one) === "resident own")) {
      for (const caller of world.others) {
        const sent = requestsFor(route);
        if (sent.length === 0) wrong.push(`${route.key}: nothing of the subject's fits this request`);
        for (const one of sent) {
          const answer = await call(caller, route, one);
          const complaint = refused(answer);
          if (complaint !== undefined)
            wrong.push(`${route.key} as ${caller.name}: ${answer.code}: ${complaint}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    const { items } = await world.subject.client.call(wire.residentEndpoints.looks, {
      params: { id: world.subject.personId },
    });
    expect(items.filter(({ kind }) => kind === "refused")).toHaveLength(world.others.length);
  });
});

/** Requests for each thing of the subject's that can stand in this route's path or body. */
function requestsFor(route: Route): readonly Sent[] {
  const endpoint = endpoints.get(route.key);
  return world.owned.flatMap((name) => {
    const params = withName(endpoint?.params, name);
    const body = withName(endpoint?.body, name);
    if (params === undefined && body === undefined) return [];
    return [
      {
        ...(params === undefined ? {} : { params: textsOf(params) }),
        ...(body === undefined ? {} : { body }),
      },
    ];
  });
}

/** The sample of a schema with a name in every field that takes it; `undefined` if none does. */
function withName(schema: unknown, name: string): Record<string, unknown> | undefined {
  const sample = Object(sampleOf(schema));
  const fields = Object.entries(Object(Object(schema).properties)).filter(([, field]) => {
    const { type, pattern, minLength = 0, maxLength = 1_000 } = Object(field);
    if (type !== "string" || pattern === undefined) return false;
    return name.length >= minLength && name.length <= maxLength && new RegExp(pattern).test(name);
  });
  if (fields.length === 0) return undefined;
  return { ...sample, ...Object.fromEntries(fields.map(([field]) => [field, name])) };
}

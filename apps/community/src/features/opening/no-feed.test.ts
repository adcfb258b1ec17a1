import * as wire from "@menshen/wire";
import { expect, test } from "vitest";
import { CommunityConfig } from "../../config.ts";
import { startTestServer } from "../../testing/test-server.ts";

const server = await startTestServer();

/** Every endpoint that `wire` knows. */
const endpoints = Object.values(wire)
  .filter((value) => typeof value === "object" && value !== null)
  .flatMap((group): wire.Endpoint[] => Object.values(group).filter(isEndpoint));

function isEndpoint(value: unknown): value is wire.Endpoint {
  return typeof value === "object" && value !== null && "path" in value && "method" in value && "id" in value;
}

/** Names of all properties in a JSON schema. */
function propertyNames(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = Reflect.get(schema, "properties");
  const names = typeof own === "object" && own !== null ? Object.keys(own) : [];
  return [...names, ...Object.values(schema).flatMap(propertyNames)];
}

test("what was opened leaves by one endpoint, once, asked for by a person (privacy row P2)", () => {
  const carrying = endpoints.filter(({ response }) => propertyNames(response).includes("package"));
  const ids = carrying.map(({ id }) => id).filter((id) => !["getOpening", "listOpenings"].includes(id));
  expect(ids.toSorted()).toEqual([
    "checkOpening",
    "extendOpeningSeal",
    "handOverOpening",
    "requestOpening",
    "reviewOpening",
    "supplementOpening",
  ]);
  // In all others it is a word: none, ready or handed over.
  const texts = carrying.filter(({ response }) => {
    const own = Reflect.get(response, "properties");
    return (
      typeof own?.package === "object" && Reflect.get(own.package, "type") === "string" && !own.package.enum
    );
  });
  expect(texts.map(({ id, method, reason }) => [id, method, reason])).toEqual([
    ["handOverOpening", "POST", "required"],
  ]);
});

test("nothing about openings can be subscribed to, and no path takes a pattern (privacy row P2)", () => {
  const routes = server.app
    .printRoutes({ commonPrefix: false })
    .split("\n")
    .filter((line) => /opening/i.test(line));
  expect(routes.filter((line) => /stream|feed|export|subscri|watch|socket|hook/i.test(line))).toEqual([]);
  const paths = endpoints
    .filter(({ path }) => /opening/.test(path))
    .map(({ method, path }) => `${method} ${path}`);
  expect(paths.toSorted()).toEqual([
    "GET /api/v1/custodian/openings",
    "GET /api/v1/custodian/openings/:id",
    "GET /api/v1/opening-keys",
    "GET /api/v1/opening-report/:year",
    "GET /api/v1/opening-settings",
    "GET /api/v1/openings",
    "GET /api/v1/openings/:id",
    "POST /api/v1/custodian/openings/:id/partials",
    "POST /api/v1/custodian/openings/:id/refusal",
    "POST /api/v1/openings",
    "POST /api/v1/openings/:id/package",
    "POST /api/v1/openings/:id/review",
    "POST /api/v1/openings/:id/seal",
    "POST /api/v1/openings/:id/supplement",
    "POST /api/v1/openings/check",
    "POST /api/v1/openings/documents",
    "PUT /api/v1/opening-settings",
  ]);
});

test("the live stream names nobody (privacy row P2)", () => {
  const names = [wire.EventItem, wire.DoorState, wire.Gate].flatMap(propertyNames);
  expect(
    names.filter((name) => /person|holder|credential(?!Kind)|resident|cardNumber|identifier/i.test(name)),
  ).toEqual([]);
});

test("no configuration can send entries anywhere, at any time (privacy row P2)", () => {
  const names = propertyNames(CommunityConfig);
  expect(names.length).toBeGreaterThan(8);
  expect(
    names.filter((name) =>
      /opening|export|feed|forward|hook|webhook|push|schedule|cron|police|authority|sink/i.test(name),
    ),
  ).toEqual([]);
  expect(propertyNames(wire.OpeningSettings)).toEqual(["sealMaxDays"]);
});

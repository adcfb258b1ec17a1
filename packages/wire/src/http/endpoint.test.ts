import { expect, test } from "vitest";
import * as http from "./index.ts";

const tables = [
  http.communityEndpoints,
  http.sessionEndpoints,
  http.passkeyEndpoints,
  http.staffEndpoints,
  http.buildingEndpoints,
  http.dwellingEndpoints,
  http.personEndpoints,
  http.residencyEndpoints,
  http.aliroEndpoints,
  http.residentAliroEndpoints,
  http.cardKeyEndpoints,
  http.keyRequestEndpoints,
  http.credentialEndpoints,
  http.areaEndpoints,
  http.portalEndpoints,
  http.accessPointEndpoints,
  http.readerEndpoints,
  http.modeEndpoints,
  http.commandEndpoints,
  http.lockdownPlanEndpoints,
  http.lockdownEndpoints,
  http.massUnlockEndpoints,
  http.doorRulesEndpoints,
  http.gateEndpoints,
  http.scheduleEndpoints,
  http.holidayEndpoints,
  http.ruleEndpoints,
  http.eventEndpoints,
  http.overviewEndpoints,
  http.liveEndpoints,
  http.changeEndpoints,
  http.searchEndpoints,
  http.residentEndpoints,
  http.residentPassEndpoints,
  http.visitorPassEndpoints,
  http.passSettingsEndpoints,
  http.demoEndpoints,
  http.marketEndpoints,
  http.copiedCardEndpoints,
  http.cityConnectionEndpoints,
];
const endpoints: http.Endpoint[] = tables.flatMap((table) => Object.values<http.Endpoint>(table));

/** The city's server is another one: its paths are its own. */
const cityEndpoints: http.Endpoint[] = [
  http.citySessionEndpoints,
  http.cityIncidentEndpoints,
  http.cityCommunityEndpoints,
  http.cityIssuerEndpoints,
  http.cityLinkEndpoints,
].flatMap((table) => Object.values<http.Endpoint>(table));

test("no two endpoints of the city share an id or a method and path, and requests refuse unknown fields", () => {
  expect(new Set(cityEndpoints.map(({ id }) => id)).size).toBe(cityEndpoints.length);
  expect(new Set(cityEndpoints.map(({ method, path }) => `${method} ${path}`)).size).toBe(
    cityEndpoints.length,
  );
  for (const { id, body, query, params } of cityEndpoints) {
    for (const schema of [body, query, params]) {
      if (schema !== undefined) expect(Reflect.get(schema, "additionalProperties"), id).toBe(false);
    }
  }
});

test("no two endpoints share an id or a method and path", () => {
  expect(new Set(endpoints.map((endpoint) => endpoint.id)).size).toBe(endpoints.length);
  expect(new Set(endpoints.map((endpoint) => `${endpoint.method} ${endpoint.path}`)).size).toBe(
    endpoints.length,
  );
});

test("every path parameter has a schema and every schema a parameter", () => {
  for (const endpoint of endpoints) {
    const named = [...endpoint.path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1]);
    const properties =
      endpoint.params === undefined ? [] : Object.keys(Reflect.get(endpoint.params, "properties"));
    expect(new Set(properties), endpoint.id).toEqual(new Set(named));
  }
});

test("request schemas refuse fields that they do not know", () => {
  for (const endpoint of endpoints) {
    for (const schema of [endpoint.body, endpoint.query, endpoint.params]) {
      if (schema !== undefined) expect(Reflect.get(schema, "additionalProperties"), endpoint.id).toBe(false);
    }
  }
});

test("a path is filled with encoded parameters", () => {
  expect(http.fillPath("/api/v1/events/:gateId/:sequence/why", { gateId: "a/b", sequence: "7" })).toBe(
    "/api/v1/events/a%2Fb/7/why",
  );
  expect(() => http.fillPath("/x/:id", {})).toThrow(RangeError);
});

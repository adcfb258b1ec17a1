import { type Endpoint, residentEndpoints } from "@menshen/wire";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeviceOwner } from "../device/device-store.ts";
import { ApiError, call } from "./client.ts";
import { withSession } from "./session.ts";

const owner: DeviceOwner = {
  communityId: "22222222-2222-4222-8222-222222222222",
  seed: new Uint8Array(32).fill(7),
  isPending: false,
  hasConfirmedCode: true,
};
const askMe = () => call(residentEndpoints.me, {});

let asked: string[] = [];
let isSignedIn = false;
let signInStatus = 200;

beforeEach(() => {
  asked = [];
  isSignedIn = false;
  signInStatus = 200;
  vi.stubGlobal("location", { hash: "", search: "" });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const is = (endpoint: Endpoint) => path === endpoint.path && init.method === endpoint.method;
    asked.push(`${init.method} ${path}`);
    // An answer takes a moment: others ask meanwhile.
    await Promise.resolve();
    if (is(residentEndpoints.challenge)) return Response.json({ challenge: "ab".repeat(32), expiresAt: 0 });
    if (is(residentEndpoints.signIn)) {
      isSignedIn = signInStatus === 200;
      return isSignedIn ? Response.json({}) : problem("key-refused", signInStatus);
    }
    return isSignedIn ? Response.json({ displayName: "陈静" }) : problem("not-signed-in", 401);
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function problem(code: string, status: number): Response {
  return new Response(JSON.stringify({ code }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

const countOf = ({ method, path }: Endpoint) => asked.filter((one) => one === `${method} ${path}`).length;

test("what a page asks for beside each other signs in once", async () => {
  const answers = await Promise.all([1, 2, 3, 4].map(() => withSession(owner, askMe)));
  expect(answers).toHaveLength(4);
  expect([countOf(residentEndpoints.challenge), countOf(residentEndpoints.signIn)]).toEqual([1, 1]);
  isSignedIn = false;
  await withSession(owner, askMe);
  expect(countOf(residentEndpoints.signIn)).toBe(2);
});

test("all of them hear that the key is refused, and the next one tries again", async () => {
  signInStatus = 403;
  const refused = await Promise.allSettled([1, 2].map(() => withSession(owner, askMe)));
  expect(refused.map((one) => one.status === "rejected" && one.reason)).toEqual([
    new ApiError("key-refused"),
    new ApiError("key-refused"),
  ]);
  expect(countOf(residentEndpoints.signIn)).toBe(1);
  signInStatus = 200;
  await withSession(owner, askMe);
  expect(countOf(residentEndpoints.signIn)).toBe(2);
});

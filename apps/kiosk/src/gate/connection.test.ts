import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectGate } from "./connection.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const READY =
  'data: {"state":{"state":"ready","challenge":{"text":"MC:1","code":"0410-6105","forMs":60000}}}\n\n';

/** A gate that the test speaks for: one stream after another, each ended by the test or by the page. */
function makeTestGate(answers: readonly ((signal: AbortSignal | undefined) => Response)[]) {
  const asked: { readonly path: string; readonly init: RequestInit }[] = [];
  let turn = 0;
  const fetch: typeof globalThis.fetch = async (path, init = {}) => {
    asked.push({ path: typeof path === "string" ? path : "", init });
    const answer = answers[Math.min(turn, answers.length - 1)];
    turn += 1;
    if (answer === undefined) throw new TypeError("nobody listens");
    return answer(init.signal ?? undefined);
  };
  return { asked, fetch };
}

function makeStream() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return {
    /** Its body breaks when the request is aborted, as that of a real one. */
    response: (signal: AbortSignal | undefined) =>
      new Response(readable.pipeThrough(new TransformStream(), signal === undefined ? {} : { signal })),
    say: (text: string) => writer.write(new TextEncoder().encode(text)),
    end: () => writer.close(),
  };
}

function follow(gate: ReturnType<typeof makeTestGate>) {
  const links: string[] = [];
  const states: string[] = [];
  const connection = connectGate({
    token: "t0ken",
    fetch: gate.fetch,
    onLink: (link) => links.push(link),
    onState: ({ state }) => states.push(state),
  });
  return { connection, links, states };
}

test("the token goes in a header, and a state makes the link", async () => {
  const stream = makeStream();
  const gate = makeTestGate([stream.response]);
  const { connection, links, states } = follow(gate);
  await stream.say(READY.slice(0, 30));
  expect(links).toEqual(["connecting"]);
  await stream.say(READY.slice(30));
  await vi.advanceTimersByTimeAsync(0);
  expect(states).toEqual(["ready"]);
  expect(links).toEqual(["connecting", "connected"]);
  expect(gate.asked[0]).toMatchObject({
    path: "/kiosk/api/state",
    init: { headers: { authorization: "Kiosk t0ken" } },
  });
  connection.close();
});

test("a gate that falls silent is lost after two heartbeats, and found again", async () => {
  const first = makeStream();
  const second = makeStream();
  const { connection, links } = follow(makeTestGate([first.response, second.response]));
  await first.say(READY);
  await vi.advanceTimersByTimeAsync(19_000);
  await first.say(": still here\n\n");
  await vi.advanceTimersByTimeAsync(19_000);
  expect(links.at(-1)).toBe("connected");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(links.at(-1)).toBe("lost");
  await vi.advanceTimersByTimeAsync(500);
  await second.say(READY);
  await vi.advanceTimersByTimeAsync(0);
  expect(links.at(-1)).toBe("connected");
  connection.close();
});

test("a gate that is gone is asked more and more seldom", async () => {
  const gate = makeTestGate([]);
  const { connection, links } = follow(gate);
  await vi.advanceTimersByTimeAsync(0);
  expect(links).toEqual(["connecting", "lost"]);
  await vi.advanceTimersByTimeAsync(500 + 1_000 + 2_000 + 4_000 + 8_000 + 8_000);
  expect(gate.asked).toHaveLength(7);
  connection.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(gate.asked).toHaveLength(7);
});

test("a token that the gate does not take is no lost connection", async () => {
  const { connection, links } = follow(makeTestGate([() => new Response(null, { status: 401 })]));
  await vi.advanceTimersByTimeAsync(0);
  expect(links).toEqual(["connecting", "not-known"]);
  connection.close();
});

test("a message that is no JSON ends the connection, and nothing else", async () => {
  const stream = makeStream();
  const { connection, links } = follow(makeTestGate([stream.response]));
  await stream.say("data: {\n\n");
  await vi.advanceTimersByTimeAsync(0);
  expect(links.at(-1)).toBe("lost");
  connection.close();
});

test("a scan is answered by the gate's word, or by nothing", async () => {
  const granted = { granted: true, reasons: [{ code: "rule-allows" }], forMs: 5_000 };
  const hanging = () => new Promise<never>(() => undefined);
  const answers = [
    () => new Response(null, { status: 503 }),
    () => Response.json(granted),
    () => Response.json({ code: "rate-limited" }, { status: 429 }),
  ];
  let posts = 0;
  const bodies: unknown[] = [];
  const connection = connectGate({
    token: "t0ken",
    onLink: () => undefined,
    onState: () => undefined,
    fetch: async (path, init) => {
      if (path !== "/kiosk/api/scan") return hanging();
      bodies.push(init?.body);
      const answer = answers[posts];
      posts += 1;
      if (answer === undefined) throw new TypeError("nobody listens");
      return answer();
    },
  });
  expect(await connection.scan("MP:A")).toBeUndefined();
  expect(await connection.scan("MP:A")).toEqual(granted);
  expect(await connection.scan("MP:A")).toBe("too-many");
  expect(await connection.scan("MP:A")).toBeUndefined();
  expect(bodies).toEqual(Array.from({ length: 4 }, () => '{"text":"MP:A"}'));
  connection.close();
});

test("a call is made, or it is said that it was not", async () => {
  const answers = [
    () => Response.json({ step: "sending" }),
    () => Response.json({ code: "rate-limited" }, { status: 429 }),
    () => new Response(null, { status: 503 }),
  ];
  const asked: unknown[] = [];
  const connection = connectGate({
    token: "t0ken",
    onLink: () => undefined,
    onState: () => undefined,
    fetch: async (path, init) => {
      if (path !== "/kiosk/api/call") return new Promise<never>(() => undefined);
      asked.push([init?.method, init?.headers]);
      const answer = answers[asked.length - 1];
      if (answer === undefined) throw new TypeError("nobody listens");
      return answer();
    },
  });
  expect(await connection.call()).toBe("called");
  expect(await connection.call()).toBe("too-many");
  expect(await connection.call()).toBe("unheard");
  expect(await connection.call()).toBe("unheard");
  expect(asked).toEqual(Array.from({ length: 4 }, () => ["POST", { authorization: "Kiosk t0ken" }]));
  connection.close();
});

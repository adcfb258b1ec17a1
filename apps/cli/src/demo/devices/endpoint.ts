import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { constantTimeEqual } from "@menshen/crypto/node";
import { DEMO_BASE, demoEndpoints, type Endpoint } from "@menshen/wire";
import Type, { type Static, type TSchema } from "typebox";
import { Value } from "typebox/value";
import type { DemoControls } from "./controls.ts";

const Address = Type.Object({ host: Type.String(), port: Type.Integer({ minimum: 1, maximum: 65_535 }) });
const Load = Type.Object({ gateTls: Address, mqtt: Address }, { additionalProperties: false });
const MAX_BODY_BYTES = 4_096;

interface Answer {
  readonly status: 200 | 204 | 400 | 401 | 404 | 405 | 409 | 413;
  readonly body?: unknown;
}

type Action = (body: unknown) => Answer;

/**
 * The loopback endpoint of the demonstration: the community forwards the console's controls to it, and the starter
 * loads the community into it. Every request carries the one-time token.
 *
 * @returns its address and how to end it
 */
export async function openDemoEndpoint(
  controls: DemoControls,
  token: string,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const actions = actionsOf(controls);
  const wanted = new TextEncoder().encode(`Bearer ${token}`);
  const server = createServer((request, response) => {
    answer(request, actions, wanted).then(
      (result) => send(response, result),
      // A request that broke off: nobody is left to answer.
      () => response.destroy(),
    );
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function actionsOf(controls: DemoControls): ReadonlyMap<string, Action> {
  const { state, present, force, hold, network, reader, pace, exit, fire, clone } = demoEndpoints;
  const done = (found: boolean | "busy"): Answer => ({ status: found === "busy" ? 409 : found ? 204 : 404 });
  const entry = <S extends TSchema>(
    endpoint: Endpoint & { readonly body: S },
    act: (body: Static<S>) => boolean | "busy",
  ): [string, Action] => [routeOf(endpoint), taking(endpoint.body, (body) => done(act(body)))];
  return new Map<string, Action>([
    [routeOf(state), () => ({ status: 200, body: controls.state() })],
    entry(present, (order) => controls.present(order)),
    entry(clone, ({ cardId }) => controls.clone(cardId)),
    entry(force, ({ portalId }) => controls.force(portalId)),
    entry(hold, ({ portalId, seconds }) => controls.hold(portalId, seconds)),
    entry(exit, ({ portalId }) => controls.exit(portalId)),
    entry(network, ({ gateId, cut }) => controls.network(gateId, cut)),
    entry(reader, ({ readerId, pulled }) => controls.reader(readerId, pulled)),
    entry(fire, ({ gateId, on }) => controls.fire(gateId, on)),
    entry(pace, ({ perMinute }) => {
      controls.pace(perMinute);
      return true;
    }),
    [
      "POST /load",
      taking(Load, (ports) => {
        controls.load(ports);
        return { status: 204 };
      }),
    ],
    [
      "POST /begin",
      () => {
        controls.begin();
        return { status: 204 };
      },
    ],
  ]);
}

function taking<S extends TSchema>(schema: S, act: (body: Static<S>) => Answer): Action {
  return (body) => (Value.Check(schema, body) ? act(body) : { status: 400 });
}

function routeOf({ method, path }: Endpoint): string {
  return `${method} ${path.slice(DEMO_BASE.length)}`;
}

async function answer(
  request: IncomingMessage,
  actions: ReadonlyMap<string, Action>,
  wanted: Uint8Array,
): Promise<Answer> {
  const given = new TextEncoder().encode(request.headers.authorization ?? "");
  if (!constantTimeEqual(given, wanted)) return { status: 401 };
  const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
  const action = actions.get(`${request.method} ${path}`);
  if (action === undefined) {
    const known = [...actions.keys()].some((route) => route.endsWith(` ${path}`));
    return { status: known ? 405 : 404 };
  }
  const text = await bodyOf(request);
  if (text === undefined) return { status: 413 };
  if (text === "") return action(undefined);
  try {
    return action(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 400 };
    throw error;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > MAX_BODY_BYTES) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

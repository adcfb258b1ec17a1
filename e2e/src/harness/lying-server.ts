import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { CustodianOpening } from "@menshen/wire";

/** What is put in the place of the server's answer; `undefined`: the server's own. */
export type Lie = (truth: CustodianOpening) => CustodianOpening;

/** A server between a custodian's program and the community's that tells its own story of requests. */
export interface LyingServer {
  readonly url: string;
  /** Lies for the next readings of a request, one each; afterwards it passes on the truth. */
  readonly tell: (...lies: readonly Lie[]) => void;
  /** An answer for a request that the true server does not know. */
  readonly invent: (opening: CustodianOpening) => void;
  readonly close: () => Promise<void>;
}

const READING = /^\/api\/v1\/custodian\/openings\/([0-9a-f-]{36})$/;

export async function startLyingServer(truth: string): Promise<LyingServer> {
  const lies: Lie[] = [];
  const invented = new Map<string, CustodianOpening>();
  const server = createServer((request, response) => {
    void passOn(request).then(
      ({ status, type, body }) => response.writeHead(status, { "content-type": type }).end(body),
      () => response.writeHead(502).end(),
    );
  });

  async function passOn(request: IncomingMessage) {
    const { method = "GET", url = "/", headers } = request;
    const made = invented.get(READING.exec(url)?.[1] ?? "");
    if (made !== undefined) return { status: 200, type: "application/json", body: JSON.stringify(made) };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const names = ["authorization", "content-type", "accept"] as const;
    const answer = await fetch(new URL(url, truth), {
      method,
      headers: names.flatMap((name): [string, string][] =>
        headers[name] === undefined ? [] : [[name, headers[name]]],
      ),
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const lie = method === "GET" && answer.ok && READING.test(url) ? lies.shift() : undefined;
    return {
      status: answer.status,
      type: answer.headers.get("content-type") ?? "application/json",
      body: lie === undefined ? bytes : JSON.stringify(lie(JSON.parse(bytes.toString()))),
    };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    tell: (...more) => void lies.push(...more),
    invent: (opening) => void invented.set(opening.id, opening),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

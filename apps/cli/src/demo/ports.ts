import { createServer } from "node:net";

/** Where a demonstration listens on loopback if nobody else does; otherwise it takes any free port. */
export const DEMO_PORTS = { console: 8480, gates: 8481, mqtt: 8482, kiosk: 8483, city: 8484 } as const;

/** Whether nobody listens there on loopback. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen({ host: "127.0.0.1", port }, () => server.close(() => done(true)));
  });
}

/** A port of loopback that nobody listened on a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) done(address.port);
        else fail(new Error("expected a port"));
      });
    });
  });
}

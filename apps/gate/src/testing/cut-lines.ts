import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Lines between gates over loopback, each way of each pair its own, that can be cut and healed. */
export interface CutLines {
  /** Port where `from` reaches `to`. */
  port(from: string, to: string): number;
  /** Where a gate listens now; it may be another after a restart. */
  listens(gate: string, port: number): void;
  /** Ends all that goes between gates of different groups, and lets nothing new through. */
  cut(groups: readonly (readonly string[])[]): void;
  heal(): void;
  close(): Promise<void>;
}

export async function openCutLines(gates: readonly string[]): Promise<CutLines> {
  const lines = new Map<string, { readonly server: Server; readonly sockets: Set<Socket> }>();
  const ports = new Map<string, number>();
  let groups: readonly (readonly string[])[] = [gates];
  const isWhole = (from: string, to: string) =>
    groups.some((group) => group.includes(from) && group.includes(to));
  const pairs = gates.flatMap((from) => gates.filter((to) => to !== from).map((to) => [from, to] as const));
  for (const [from, to] of pairs) {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      near.on("error", () => near.destroy());
      const port = ports.get(to);
      if (port === undefined || !isWhole(from, to)) return void near.destroy();
      const far = connect(port, "127.0.0.1");
      far.on("error", () => far.destroy());
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one);
        one.pipe(other);
        one.on("close", () => {
          sockets.delete(one);
          other.destroy();
        });
      }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    lines.set(`${from} ${to}`, { server, sockets });
  }
  return {
    port(from, to) {
      const address = lines.get(`${from} ${to}`)?.server.address();
      if (typeof address !== "object" || address === null) throw new Error("expected a line that is open");
      return address.port;
    },
    listens: (gate, port) => void ports.set(gate, port),
    cut(next) {
      groups = next;
      for (const [from, to] of pairs) {
        if (!isWhole(from, to))
          for (const socket of lines.get(`${from} ${to}`)?.sockets ?? []) socket.destroy();
      }
    },
    heal() {
      groups = [gates];
    },
    async close() {
      for (const { server, sockets } of lines.values()) {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

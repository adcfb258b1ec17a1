import { connect, createServer, type Server, type Socket } from "node:net";

/** A stretch of wire between a gate and its server that can be cut. */
export interface LinkCut {
  /** Port on loopback that the gate connects to. */
  readonly port: number;
  /** Where connections go on from now; those under way end. */
  aim(target: { readonly host: string; readonly port: number }): void;
  cut(cut: boolean): void;
  readonly isCut: boolean;
  close(): Promise<void>;
}

/** Opens a port that passes connections on. Until it is aimed it drops them. */
export async function makeLinkCut(): Promise<LinkCut> {
  let target: { readonly host: string; readonly port: number } | undefined;
  let isCut = false;
  const open = new Set<Socket>();
  const drop = () => {
    for (const socket of open) socket.destroy();
  };
  const server: Server = createServer((near) => {
    if (isCut || target === undefined) {
      near.destroy();
      return;
    }
    const far = connect(target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      // An end that breaks takes the other with it, as a cut wire does.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    port,
    aim(next) {
      if (target?.host === next.host && target.port === next.port) return;
      target = next;
      drop();
    },
    cut(next) {
      isCut = next;
      if (next) drop();
    },
    get isCut() {
      return isCut;
    },
    close() {
      drop();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

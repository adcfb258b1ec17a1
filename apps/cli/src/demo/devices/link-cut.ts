import { connect, createServer, type Server, type Socket } from "node:net";

/** A stretch of wire between a gate and its server that can be cut. */
export interface LinkCut {
  /** Port on loopback that the gate connects to. */
  readonly port: number;
  /** Where connections go on from now: those that wait for it too; those under way elsewhere end. */
  aim(target: { readonly host: string; readonly port: number }): void;
  cut(cut: boolean): void;
  readonly isCut: boolean;
  close(): Promise<void>;
}

/** Opens a port that passes connections on. Until it is aimed they wait. */
export async function makeLinkCut(): Promise<LinkCut> {
  let target: { readonly host: string; readonly port: number } | undefined;
  let isCut = false;
  const open = new Set<Socket>();
  const drop = () => {
    for (const socket of open) socket.destroy();
  };
  /** They came before there was a target. */
  const early = new Set<Socket>();
  const join = (near: Socket, to: { readonly host: string; readonly port: number }) => {
    const far = connect(to);
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
  };
  const server: Server = createServer((near) => {
    if (isCut) near.destroy();
    else if (target !== undefined) join(near, target);
    else {
      open.add(near);
      early.add(near);
      near.on("error", () => near.destroy());
      near.on("close", () => {
        open.delete(near);
        early.delete(near);
      });
    }
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
      const waiting = [...early];
      early.clear();
      for (const near of waiting) open.delete(near);
      target = next;
      drop();
      for (const near of waiting) join(near, next);
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

import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LinkCut, makeLinkCut } from "./link-cut.ts";

let server: Server;
let target: { host: string; port: number };
let link: LinkCut;

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on("data", (bytes) => socket.write(bytes));
    socket.on("error", () => socket.destroy());
  });
  const port = await new Promise<number>((resolve) => {
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  target = { host: "127.0.0.1", port };
  link = await makeLinkCut();
});
afterEach(async () => {
  await link.close();
  await new Promise((resolve) => server.close(resolve));
});

function dial(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: link.port }, () => resolve(socket));
    socket.on("error", () => socket.destroy());
  });
}

const echo = (socket: Socket) =>
  new Promise<string>((resolve) => {
    socket.once("data", (bytes) => resolve(bytes.toString()));
    socket.once("close", () => resolve("closed"));
    socket.write("hello");
  });
const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", () => resolve("closed")));

test("passes bytes both ways once it is aimed", async () => {
  const early = await dial();
  const answer = echo(early);
  link.aim(target);
  expect(await answer).toBe("hello");
  const socket = await dial();
  expect(await echo(socket)).toBe("hello");
  for (const end of [early, socket]) end.destroy();
});

test("a cut before it is aimed ends whoever waits", async () => {
  const early = await dial();
  const gone = closed(early);
  link.cut(true);
  expect(await gone).toBe("closed");
  link.aim(target);
  expect(await echo(await dial())).toBe("closed");
});

test("a cut ends what is under way and lets nothing new through, until it is mended", async () => {
  link.aim(target);
  const socket = await dial();
  expect(await echo(socket)).toBe("hello");
  const gone = closed(socket);
  link.cut(true);
  expect(await gone).toBe("closed");
  expect(link.isCut).toBe(true);
  expect(await echo(await dial())).toBe("closed");
  link.cut(false);
  const again = await dial();
  expect(await echo(again)).toBe("hello");
  again.destroy();
});

test("aimed at the same place again it cuts nothing off", async () => {
  link.aim(target);
  const socket = await dial();
  expect(await echo(socket)).toBe("hello");
  link.aim({ ...target });
  expect(await echo(socket)).toBe("hello");
  socket.destroy();
});

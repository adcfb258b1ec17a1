import { connect } from "node:net";
import type { ByteStream } from "@menshen/osdp";
import type { Call } from "../command-line/command.ts";
import { checkWhere, openLine } from "./reader-options.ts";

const KNOCK_MS = 1_000;

/**
 * The line of an emulated reader. With `tcp:` and `unix:` it connects to a panel that listens there, and listens itself
 * where nobody does, so that panel and reader can be given the same WHERE in either order.
 */
export async function openPeripheralLine(call: Call, where: string): Promise<ByteStream> {
  const parsed = checkWhere(where);
  if (parsed.kind !== "tcp" && parsed.kind !== "unix") return openLine(call, where);
  const listens = await somebodyListens(
    "path" in parsed ? { path: parsed.path } : { host: parsed.host, port: parsed.port },
  );
  return openLine(call, listens ? where : where.replace(/^(tcp|unix):/, "$1-listen:"));
}

function somebodyListens(
  address: { readonly path: string } | { readonly host: string; readonly port: number },
) {
  return new Promise<boolean>((resolve) => {
    const socket = connect(address);
    const answer = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.setTimeout(KNOCK_MS, () => answer(false));
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

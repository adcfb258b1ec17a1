import type { TileSource } from "../tiles/read-tiles.ts";
import { tilePath } from "../tiles/tile.ts";

/** A log as a reader reaches it; faults are thrown. */
export interface LogReader {
  /** The newest checkpoint's note. */
  readonly checkpoint: () => Promise<Uint8Array>;
  readonly tile: TileSource;
}

/** The part of `fetch` that is used. */
export type HttpGet = (
  url: string,
  init: { signal: AbortSignal; cache: "no-cache" | "default" },
) => Promise<Response>;

/** A full bundle of the longest entries; nothing that a log serves is longer. */
const MAX_ANSWER_BYTES = 256 * (65_535 + 2);

const TIMEOUT_MS = 30_000;

/**
 * A log over HTTP (C2SP tlog-tiles): `<url>/checkpoint`, `<url>/tile/…`. `404` and `410` are a tile that is not there;
 * any other failure rejects with `Error`.
 *
 * @param get the platform's `fetch`
 * @param url the log's prefix, such as `https://gate.example/log`
 */
export function logOverHttp(get: HttpGet, url: string): LogReader {
  const prefix = url.replace(/\/+$/, "");
  const read = async (path: string, cache: "no-cache" | "default"): Promise<Uint8Array | undefined> => {
    const response = await get(`${prefix}/${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS), cache });
    if (response.status === 404 || response.status === 410) {
      await response.body?.cancel();
      return undefined;
    }
    if (!response.ok) throw new Error(`${path}: expected 200, got ${response.status}`);
    return await readAll(response, path);
  };
  return {
    async checkpoint() {
      const note = await read("checkpoint", "no-cache");
      if (note === undefined) throw new Error("checkpoint: the log has published none");
      return note;
    },
    tile: (tile) => read(tilePath(tile), "default"),
  };
}

async function readAll(response: Response, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let lengthBytes = 0;
  for await (const chunk of response.body ?? []) {
    lengthBytes += chunk.length;
    if (lengthBytes > MAX_ANSWER_BYTES) throw new Error(`${path}: longer than anything a log serves`);
    chunks.push(chunk);
  }
  const all = new Uint8Array(lengthBytes);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

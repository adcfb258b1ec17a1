import { ReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";

const asBrotli = promisify(brotliCompress);
const asGzip = promisify(gzip);

/** Good enough for whoever asks first: the last percents cost a slow machine seconds. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
/** For everybody after: a tenth less to wait for. Who builds the app may have made it already, in a file beside. */
const SMALLEST = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
const TEXT = /^(?:text\/|application\/(?:javascript|json)|image\/svg\+xml)/;
const CODINGS = ["br", "gzip"] as const;
type Coding = (typeof CODINGS)[number];

/**
 * Sends texts of built apps compressed to whoever takes it: on a slow telephone that is most of the waiting. Answers of the
 * API are left as they are, since secrets stand beside what others wrote in them (BREACH). Each file whose name carries its
 * hash is compressed once, and as brotli a second time as small as it gets, in a thread beside.
 */
export function compressFiles(app: FastifyInstance): void {
  const kept = new Map<string, Promise<Buffer>>();

  function compressed(path: string, coding: Coding): Promise<Buffer> {
    const make = async () => {
      const text = await readFile(path);
      return coding === "br" ? asBrotli(text, BROTLI) : asGzip(text);
    };
    // Other names may hold something else tomorrow.
    if (!path.includes("/assets/")) return make();
    const key = `${coding} ${path}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = coding === "br" ? readFile(`${path}.br`).catch(() => makeTwice(path, key)) : make();
    kept.set(key, made);
    // A file that could not be read is asked for again.
    made.catch(() => kept.delete(key));
    return made;
  }

  async function makeTwice(path: string, key: string): Promise<Buffer> {
    const text = await readFile(path);
    asBrotli(text, SMALLEST)
      .then((body) => kept.set(key, Promise.resolve(body)))
      .catch(() => {
        // What was made before goes on being sent.
      });
    return asBrotli(text, BROTLI);
  }

  app.addHook("onSend", async (request, reply, payload) => {
    if (!(payload instanceof ReadStream) || typeof payload.path !== "string") return payload;
    if (reply.statusCode !== 200 || request.method !== "GET") return payload;
    if (!TEXT.test(String(reply.getHeader("content-type")))) return payload;
    reply.header("vary", "accept-encoding");
    const taken = codingFor(request.headers["accept-encoding"]);
    if (taken === undefined) return payload;
    const body = await compressed(payload.path, taken);
    payload.destroy();
    reply.removeHeader("accept-ranges");
    reply.header("content-encoding", taken).header("content-length", body.length);
    return body;
  });
}

/** The first of our codings that a client takes; refused ones carry `q=0` (RFC 9110 §12.5.3). */
function codingFor(accepted: string | string[] | undefined): Coding | undefined {
  const taken = new Set(
    String(accepted ?? "")
      .split(",")
      .filter((one) => !/;\s*q=0(?:\.0*)?\s*$/.test(one))
      .map((one) => (one.split(";")[0] ?? "").trim().toLowerCase()),
  );
  return CODINGS.find((coding) => taken.has(coding));
}

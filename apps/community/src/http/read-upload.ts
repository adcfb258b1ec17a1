import { Readable } from "node:stream";
import type { Upload } from "@menshen/wire";
import type { FastifyRequest } from "fastify";
import { CommunityError, refusal } from "../errors.ts";

const tooLarge = (maxBytes: number) => refusal("too-large", `at most ${maxBytes / 1_048_576} MiB are taken`);

/**
 * A file that is sent as the body. Nothing of it is read before this is called, and nothing behind `maxBytes`: who may
 * not send it, or sends too much, costs no memory.
 *
 * Throws `too-large`, by what the header announces before a byte is read; `invalid-request` for another content type, no
 * file, and one that breaks off.
 */
export async function readUpload(
  { body, headers }: Pick<FastifyRequest, "body" | "headers">,
  { maxBytes, types }: Upload,
): Promise<Uint8Array> {
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (!(body instanceof Readable) || !types.some((taken) => taken === type)) {
    throw refusal("invalid-request", `expected a file as the body, of the type ${types.join(", ")}`);
  }
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      if (!(chunk instanceof Uint8Array)) continue;
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new CommunityError("invalid-request", "the file broke off", { cause: error });
  }
  if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
  if (sizeBytes === 0) throw refusal("invalid-request", "the file is empty");
  return Buffer.concat(chunks);
}

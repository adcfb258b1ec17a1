import { createHash } from "node:crypto";
import { residentEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { WrapsService } from "./wraps.service.ts";

export function trailRoutes(router: Router, wraps: WrapsService): void {
  router.resident(residentEndpoints.wraps, () => wraps.count());
  router.resident(residentEndpoints.wrapBucket, async ({ params, reply }) => {
    const { bytes, full } = await wraps.read(params.bucket);
    reply.type("application/octet-stream");
    reply.header("etag", `"${createHash("sha256").update(bytes).digest("base64url")}"`);
    // Private: it is behind a session, though everybody is given the same.
    if (full) reply.header("cache-control", "private, max-age=31536000, immutable");
    return bytes;
  });
}

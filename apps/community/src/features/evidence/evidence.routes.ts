import type { EvidenceLog } from "@menshen/evidence/node";
import { evidenceEndpoints, witnessEndpoints } from "@menshen/wire";
import type { FastifyInstance, FastifyReply } from "fastify";
import { refusal } from "../../errors.ts";
import type { Router } from "../../http/router.ts";
import type { PathCountsService } from "../transparency/index.ts";
import type { EvidenceService } from "./evidence.service.ts";
import type { RecordCheckService } from "./record-check.service.ts";
import type { WitnessesService } from "./witnesses.service.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
/** A partial tile never changes either; it may give way to the full one. */
const PARTIAL = "public, max-age=3600";
/** The newest of its kind: kept by nobody without asking again. */
const FRESH = "no-cache";

export interface EvidenceRoutesDependencies {
  readonly service: EvidenceService;
  readonly check: RecordCheckService;
  readonly witnesses: WitnessesService;
  readonly pathCounts: PathCountsService;
  readonly log: Pick<EvidenceLog, "published" | "readTile" | "proofOf">;
}

/** The log as C2SP tlog-tiles has it under `/log`, and what the API says of it. For anybody, from any page. */
export function evidenceRoutes(
  app: FastifyInstance,
  router: Router,
  dependencies: EvidenceRoutesDependencies,
): void {
  const { service, check, witnesses, pathCounts, log } = dependencies;
  router.open(evidenceEndpoints.log, ({ reply }) => {
    forAnyPage(reply);
    return service.describe();
  });
  router.open(evidenceEndpoints.statements, ({ query, reply }) => {
    forAnyPage(reply);
    return service.statements(query);
  });
  router.open(evidenceEndpoints.pathCounts, ({ reply }) => {
    forAnyPage(reply);
    return pathCounts.counts();
  });
  router.staff(evidenceEndpoints.state, ({ actor }) => service.state(actor));
  router.staff(evidenceEndpoints.check, ({ actor, body }) => check.check(actor, body.from));

  router.staff(witnessEndpoints.list, ({ actor }) => witnesses.list(actor));
  router.staff(witnessEndpoints.add, ({ author, body }) => witnesses.add(author, body));
  router.staff(witnessEndpoints.remove, async ({ author, params }) => {
    await witnesses.remove(author, params.id);
    return null;
  });
  router.staff(witnessEndpoints.settings, ({ author, body }) => witnesses.changeSettings(author, body));
  const schema = { hide: true };
  app.get("/log/checkpoint", { schema }, async (_, reply) => {
    const published = await log.published();
    if (published === undefined) throw refusal("not-found", "no checkpoint was published yet");
    return text(reply, Buffer.from(published.note));
  });
  app.get<{ Params: { "*": string } }>("/log/tile/*", { schema }, async (request, reply) => {
    const path = `tile/${request.params["*"]}`;
    const tile = await log.readTile(path);
    if (tile === undefined) throw refusal("not-found", "no such tile in the published log");
    forAnyPage(reply);
    return reply
      .header("cache-control", path.includes(".p/") ? PARTIAL : IMMUTABLE)
      .type("application/octet-stream")
      .send(Buffer.from(tile));
  });
  app.get<{ Params: { index: string } }>("/log/proof/:index", { schema }, async (request, reply) => {
    const index = parseIndex(request.params.index);
    const proof = index === undefined ? undefined : await log.proofOf(index);
    if (proof === undefined) throw refusal("not-found", "no such leaf in the published log");
    return text(reply, proof);
  });
}

function text(reply: FastifyReply, body: string | Buffer): FastifyReply {
  forAnyPage(reply);
  return reply.header("cache-control", FRESH).type("text/plain; charset=utf-8").send(body);
}

/** Whoever checks the log may do it in a page of their own. */
function forAnyPage(reply: FastifyReply): void {
  reply.header("access-control-allow-origin", "*").header("cross-origin-resource-policy", "cross-origin");
}

/** Decimal, without leading zeros. */
function parseIndex(digits: string): number | undefined {
  const index = Number(digits);
  return /^(0|[1-9]\d{0,15})$/.test(digits) && Number.isSafeInteger(index) ? index : undefined;
}

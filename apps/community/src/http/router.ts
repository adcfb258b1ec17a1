import {
  type BodyOf,
  CHANGE_REASON_HEADER,
  type ChangeReason,
  decodeChangeReason,
  type Endpoint,
  type ParamsOf,
  Problem,
  type QueryOf,
  type ResponseOf,
} from "@menshen/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "../authority/authorise.ts";
import type { SignedInResident } from "../authority/signed-in-resident.ts";
import { demandReason } from "../change-record/change-scope.ts";
import { refusal } from "../errors.ts";
import { makeParser, type RequestPart } from "./parse-request.ts";

/** A parsed request. */
export interface OpenCall<E extends Endpoint> {
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** Why, as the caller said; `routine` if nothing was said. */
  readonly reason: ChangeReason;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A parsed request of somebody signed in. */
export interface StaffCall<E extends Endpoint> extends OpenCall<E> {
  readonly actor: Actor;
  /** `{ actor, reason }`, as use cases take it. */
  readonly author: { readonly actor: Actor; readonly reason: ChangeReason };
}

/** A parsed request of a resident, signed in with their own key. */
export interface ResidentCall<E extends Endpoint> extends OpenCall<E> {
  readonly resident: SignedInResident;
}

/** Registers the endpoints of `packages/wire`, so that paths, shapes and documentation are theirs. */
export interface Router {
  /** For anybody. */
  readonly open: <E extends Endpoint>(
    endpoint: E,
    handler: (call: OpenCall<E>) => Promise<ResponseOf<E>>,
  ) => void;
  /** For members of staff; `not-signed-in` otherwise. What they may do is the use case's first question. */
  readonly staff: <E extends Endpoint>(
    endpoint: E,
    handler: (call: StaffCall<E>) => Promise<ResponseOf<E>>,
  ) => void;
  /** For residents; `not-signed-in` otherwise, also for staff: the two sessions have nothing in common. */
  readonly resident: <E extends Endpoint>(
    endpoint: E,
    handler: (call: ResidentCall<E>) => Promise<ResponseOf<E>>,
  ) => void;
}

export function makeRouter(
  app: FastifyInstance,
  findActor: (request: FastifyRequest) => Promise<Actor | undefined>,
  findResident: (request: FastifyRequest) => Promise<SignedInResident | undefined>,
): Router {
  function add<E extends Endpoint>(
    endpoint: E,
    access: Access,
    handle: (call: OpenCall<E>) => Promise<ResponseOf<E>>,
  ): void {
    const parseParams = makeParser(schemaOf(endpoint, "params"), "params");
    const parseQuery = makeParser(schemaOf(endpoint, "query"), "query");
    const parseBody = makeParser(schemaOf(endpoint, "body"), "body");
    const status = endpoint.status ?? (Reflect.get(endpoint.response, "type") === "null" ? 204 : 200);
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      schema: documentationOf(endpoint, access, status),
      handler: async (request, reply) => {
        const result = await handle({
          params: parseParams(request.params),
          query: parseQuery(request.query),
          body: parseBody(request.body),
          reason: reasonOf(request, endpoint),
          request,
          reply,
        });
        if (reply.sent) return reply;
        return status === 204 ? reply.code(204).send() : reply.code(status).send(result);
      },
    });
  }

  return {
    open: (endpoint, handler) => add(endpoint, "open", handler),
    staff: (endpoint, handler) =>
      add(endpoint, "staff", async (call) => {
        const actor = await findActor(call.request);
        if (actor === undefined) throw refusal("not-signed-in", "sign in first");
        return handler({ ...call, actor, author: { actor, reason: call.reason } });
      }),
    resident: (endpoint, handler) =>
      add(endpoint, "resident", async (call) => {
        const resident = await findResident(call.request);
        if (resident === undefined) throw refusal("not-signed-in", "sign in first");
        return handler({ ...call, resident });
      }),
  };
}

function schemaOf<E extends Endpoint, Part extends RequestPart>(endpoint: E, part: Part): E[Part] {
  return endpoint[part];
}

function reasonOf(request: FastifyRequest, endpoint: Endpoint): ChangeReason {
  const header = request.headers[CHANGE_REASON_HEADER];
  let reason: ChangeReason = { code: "routine" };
  if (header !== undefined) {
    const decoded = typeof header === "string" ? decodeChangeReason(header) : undefined;
    if (decoded === undefined) {
      throw refusal("invalid-request", `header \`${CHANGE_REASON_HEADER}\`: expected CODE or CODE;TEXT`);
    }
    reason = decoded;
  }
  if (endpoint.reason === "required") demandReason(reason);
  return reason;
}

/** Who may call an endpoint; for all but `open`, the security scheme of the OpenAPI document. */
type Access = "open" | "staff" | "resident";

const SECURITY: Readonly<Record<Access, readonly { readonly [scheme: string]: readonly string[] }[]>> = {
  open: [],
  staff: [{ session: [] }],
  resident: [{ residentSession: [] }],
};

function documentationOf(endpoint: Endpoint, access: Access, status: number) {
  const changes = endpoint.method !== "GET" && access === "staff";
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: SECURITY[access],
    ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
    ...(endpoint.query === undefined ? {} : { querystring: endpoint.query }),
    ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
    ...(changes
      ? {
          headers: {
            type: "object",
            ...(endpoint.reason === "required" ? { required: [CHANGE_REASON_HEADER] } : {}),
            properties: {
              [CHANGE_REASON_HEADER]: {
                type: "string",
                description: "why: `CODE` or `CODE;PERCENT-ENCODED TEXT`",
              },
            },
          },
        }
      : {}),
    response: {
      [status]: status === 204 ? { description: "done", type: "null" } : endpoint.response,
      default: Problem,
    },
  };
}

import { makeRequestParser } from "@menshen/service-kit/http";
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from "@menshen/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refusal } from "../errors.ts";

/** An officer whose session is alive. */
export interface SignedInOfficer {
  readonly officerId: string;
  readonly name: string;
  readonly expiresAt: number;
}

/** A community whose key signed the request. */
export interface SignedInCommunity {
  readonly communityId: string;
}

/** A parsed request. */
export interface OpenCall<E extends Endpoint> {
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}
export type OfficerCall<E extends Endpoint> = OpenCall<E> & { readonly officer: SignedInOfficer };
export type CommunityCall<E extends Endpoint> = OpenCall<E> & { readonly community: SignedInCommunity };
type Handler<E extends Endpoint, Call> = (call: Call) => Promise<ResponseOf<E>>;

/** Registers the endpoints of `packages/wire`, so that paths and shapes are theirs. */
export interface Router {
  /** For anybody; what a request must prove instead is the use case's first question. */
  readonly open: <E extends Endpoint>(endpoint: E, handler: Handler<E, OpenCall<E>>) => void;
  /** For officers; `not-signed-in` otherwise. */
  readonly officer: <E extends Endpoint>(endpoint: E, handler: Handler<E, OfficerCall<E>>) => void;
  /** For communities' servers; `not-signed-in` or `key-refused` otherwise. */
  readonly community: <E extends Endpoint>(endpoint: E, handler: Handler<E, CommunityCall<E>>) => void;
}

export function makeRouter(
  app: FastifyInstance,
  findOfficer: (request: FastifyRequest) => Promise<SignedInOfficer | undefined>,
  findCommunity: (request: FastifyRequest) => Promise<SignedInCommunity>,
): Router {
  function add<E extends Endpoint>(endpoint: E, handle: Handler<E, OpenCall<E>>): void {
    const parser = <Part extends "params" | "query" | "body">(part: Part) =>
      makeRequestParser(schemaOf(endpoint, part), part, (faults) =>
        refusal("invalid-request", `${part}: not of the form expected`, { fields: [...faults] }),
      );
    const [params, query, body] = [parser("params"), parser("query"), parser("body")];
    const status = endpoint.status ?? (Reflect.get(endpoint.response, "type") === "null" ? 204 : 200);
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      handler: async (request, reply) => {
        const answer = await handle({
          params: params(request.params),
          query: query(request.query),
          body: body(request.body),
          request,
          reply,
        });
        return status === 204 ? reply.code(204).send() : reply.code(status).send(answer);
      },
    });
  }
  return {
    open: add,
    officer: (endpoint, handler) =>
      add(endpoint, async (call) => {
        const officer = await findOfficer(call.request);
        if (officer === undefined) throw refusal("not-signed-in", "sign in first");
        return handler({ ...call, officer });
      }),
    community: (endpoint, handler) =>
      add(endpoint, async (call) => handler({ ...call, community: await findCommunity(call.request) })),
  };
}

function schemaOf<E extends Endpoint, Part extends "params" | "query" | "body">(
  endpoint: E,
  part: Part,
): E[Part] {
  return endpoint[part];
}

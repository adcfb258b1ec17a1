import {
  type BodyOf,
  CHANGE_REASON_HEADER,
  type ChangeReason,
  decodeChangeReason,
  decodeViewReason,
  type Endpoint,
  type ParamsOf,
  Problem,
  type QueryOf,
  type ResponseOf,
  VIEW_REASON_HEADER,
  type ViewReason,
  type WayInViolation,
} from "@menshen/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { Actor, StaffAuthor } from "../authority/authorise.ts";
import type { SignedInCustodian } from "../authority/signed-in-custodian.ts";
import type { SignedInResident } from "../authority/signed-in-resident.ts";
import { demandReason } from "../change-record/change-scope.ts";
import { CommunityError, refusal } from "../errors.ts";
import type { ViewRecorder } from "../view-record/index.ts";
import { makeParser, type RequestPart } from "./parse-request.ts";
import { readUpload } from "./read-upload.ts";

/** A parsed request. */
export interface OpenCall<E extends Endpoint> {
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** Reads the file of an endpoint with `upload`, and not before it is called; throws as `readUpload` does. */
  readonly file: () => Promise<Uint8Array>;
  /** Why, as the caller said; `routine` if nothing was said. */
  readonly reason: ChangeReason;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A parsed request of somebody signed in. */
export interface StaffCall<E extends Endpoint> extends OpenCall<E> {
  readonly actor: Actor;
  /** Who changes something and why, as use cases take it. */
  readonly author: StaffAuthor;
  /** Why residents' data are looked at, if the caller said so. */
  readonly viewReason: ViewReason | undefined;
}

/** A parsed request of a resident, signed in with their own key. */
export interface ResidentCall<E extends Endpoint> extends OpenCall<E> {
  readonly resident: SignedInResident;
}

/** A parsed request that a custodian's program signed. */
export interface CustodianCall<E extends Endpoint> extends OpenCall<E> {
  readonly custodian: SignedInCustodian;
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
  /**
   * For members of staff, and for answers that show residents' data (`shows` of the endpoint): `view-reason-required`
   * without a reason. The look at each person that `shown` names is recorded before the answer goes out.
   */
  readonly personal: <E extends Endpoint>(
    endpoint: E,
    handler: (call: StaffCall<E>) => Promise<ResponseOf<E>>,
    shown: (answer: ResponseOf<E>) => readonly string[],
  ) => void;
  /** For residents; `not-signed-in` otherwise, also for staff: the two sessions have nothing in common. */
  readonly resident: <E extends Endpoint>(
    endpoint: E,
    handler: (call: ResidentCall<E>) => Promise<ResponseOf<E>>,
  ) => void;
  /** For custodians' programs, present ones and replaced ones; `key-refused` or `not-signed-in` otherwise. */
  readonly custodian: <E extends Endpoint>(
    endpoint: E,
    handler: (call: CustodianCall<E>) => Promise<ResponseOf<E>>,
  ) => void;
}

export function makeRouter(
  app: FastifyInstance,
  findActor: (request: FastifyRequest) => Promise<Actor | undefined>,
  findResident: (request: FastifyRequest) => Promise<SignedInResident | undefined>,
  findCustodian: (request: FastifyRequest) => Promise<SignedInCustodian>,
  recordView: ViewRecorder,
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
    const route: RouteOptions = {
      method: endpoint.method,
      url: endpoint.path,
      ...(endpoint.bodyLimitBytes === undefined ? {} : { bodyLimit: endpoint.bodyLimitBytes }),
      schema: documentationOf(endpoint, access, status),
      handler: async (request, reply) => {
        const result = await handle({
          params: parseParams(request.params),
          query: parseQuery(request.query),
          body: parseBody(request.body),
          file: () => fileOf(request, endpoint),
          reason: reasonOf(request, endpoint),
          request,
          reply,
        });
        if (reply.sent) return reply;
        return status === 204 ? reply.code(204).send() : reply.code(status).send(result);
      },
    };
    if (endpoint.upload === undefined) app.route(route);
    else void app.register(async (scope) => addUpload(scope, route));
  }

  function addStaff<E extends Endpoint>(
    endpoint: E,
    handler: (call: StaffCall<E>) => Promise<ResponseOf<E>>,
  ): void {
    add(endpoint, "staff", async (call) => {
      const actor = await findActor(call.request);
      if (actor === undefined) throw refusal("not-signed-in", "sign in first");
      const viewReason = viewReasonOf(call.request);
      const author = { actor, reason: call.reason, ...(viewReason === undefined ? {} : { viewReason }) };
      try {
        return await handler({ ...call, actor, author, viewReason });
      } catch (error) {
        const personIds = namedIn(error);
        if (viewReason !== undefined && personIds.length > 0) {
          await recordView({ actor, reason: viewReason, what: "ways-in", personIds });
        }
        throw error;
      }
    });
  }

  return {
    open: (endpoint, handler) => add(endpoint, "open", handler),
    staff(endpoint, handler) {
      if (endpoint.shows !== undefined) throw new RangeError(`\`${endpoint.id}\` shows residents' data`);
      addStaff(endpoint, handler);
    },
    personal(endpoint, handler, shown) {
      const { shows } = endpoint;
      if (shows === undefined) throw new RangeError(`\`${endpoint.id}\` shows nothing of residents`);
      addStaff(endpoint, async (call) => {
        const { actor, viewReason: reason } = call;
        if (reason === undefined && shows.reason === "required") {
          throw refusal(
            "view-reason-required",
            `say in \`${VIEW_REASON_HEADER}\` why you look at residents' data: they can read it`,
          );
        }
        const answer = await handler(call);
        const personIds = shown(answer);
        if (reason !== undefined) await recordView({ actor, reason, what: shows.what, personIds });
        else if (personIds.length > 0)
          throw new RangeError(`\`${endpoint.id}\` named residents without a reason`);
        return answer;
      });
    },
    resident: (endpoint, handler) =>
      add(endpoint, "resident", async (call) => {
        const resident = await findResident(call.request);
        if (resident === undefined) throw refusal("not-signed-in", "sign in first");
        return handler({ ...call, resident });
      }),
    custodian: (endpoint, handler) =>
      add(endpoint, "custodian", async (call) =>
        handler({ ...call, custodian: await findCustodian(call.request) }),
      ),
  };
}

/** A route whose body stays unread until somebody may send it; where nobody may, the connection ends with the answer. */
function addUpload(scope: FastifyInstance, route: RouteOptions): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  scope.addHook("onError", async (_request, reply) => {
    reply.header("connection", "close");
  });
  scope.route(route);
}

async function fileOf(request: FastifyRequest, { id, upload }: Endpoint): Promise<Uint8Array> {
  if (upload === undefined) throw new RangeError(`\`${id}\` takes no file`);
  return readUpload(request, upload);
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

function viewReasonOf(request: FastifyRequest): ViewReason | undefined {
  const header = request.headers[VIEW_REASON_HEADER];
  if (header === undefined) return undefined;
  const decoded = typeof header === "string" ? decodeViewReason(header) : undefined;
  if (decoded === undefined) {
    throw refusal("invalid-request", `header \`${VIEW_REASON_HEADER}\`: expected CODE or CODE;TEXT`);
  }
  return decoded;
}

/** Residents whom a refusal names. */
function namedIn(error: unknown): readonly string[] {
  if (!(error instanceof CommunityError)) return [];
  return namedResidents(error.facts.violations ?? []);
}

/** Residents named in a description of ways in that would be lost. */
export function namedResidents(violations: readonly WayInViolation[]): readonly string[] {
  return violations.flatMap(({ persons }) =>
    persons.filter(({ name }) => name !== undefined).map(({ id }) => id),
  );
}

/** Who may call an endpoint; for all but `open`, the security scheme of the OpenAPI document. */
type Access = "open" | "staff" | "resident" | "custodian";

const SECURITY: Readonly<Record<Access, readonly { readonly [scheme: string]: readonly string[] }[]>> = {
  open: [],
  staff: [{ session: [] }],
  resident: [{ residentSession: [] }],
  custodian: [{ custodianSignature: [] }],
};

function headersOf(endpoint: Endpoint, access: Access) {
  const changes = endpoint.method !== "GET" && access === "staff";
  const properties = {
    ...(changes
      ? {
          [CHANGE_REASON_HEADER]: {
            type: "string",
            description: "why: `CODE` or `CODE;PERCENT-ENCODED TEXT`",
          },
        }
      : {}),
    ...(endpoint.shows === undefined
      ? {}
      : {
          [VIEW_REASON_HEADER]: {
            type: "string",
            description:
              "why residents' data are looked at: `CODE` or `CODE;PERCENT-ENCODED TEXT`; they can read it",
          },
        }),
  };
  const required = [
    ...(changes && endpoint.reason === "required" ? [CHANGE_REASON_HEADER] : []),
    ...(endpoint.shows?.reason === "required" ? [VIEW_REASON_HEADER] : []),
  ];
  if (Object.keys(properties).length === 0) return {};
  return { headers: { type: "object", ...(required.length === 0 ? {} : { required }), properties } };
}

function documentationOf(endpoint: Endpoint, access: Access, status: number) {
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: SECURITY[access],
    ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
    ...(endpoint.query === undefined ? {} : { querystring: endpoint.query }),
    ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
    ...(endpoint.upload === undefined
      ? {}
      : { consumes: [...endpoint.upload.types], body: { type: "string", format: "binary" } }),
    ...headersOf(endpoint, access),
    response: {
      [status]: status === 204 ? { description: "done", type: "null" } : endpoint.response,
      default: Problem,
    },
  };
}

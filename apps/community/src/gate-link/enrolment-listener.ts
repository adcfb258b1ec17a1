import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Logger } from "@menshen/service-kit";
import {
  enrolRequest,
  enrolResponse,
  handoverRequest,
  handoverResponse,
  type RefusalCode,
  refusal,
  renewResponse,
} from "@menshen/wire";
import type { Answer, Enrolment } from "./enrolment.ts";
import type { Handover } from "./handover.ts";
import { portOf, type ServerIdentity } from "./mqtt-listener.ts";

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;
/** Renewals are shorter than enrolments, and both carry a signature's worth more than their content. */
const MAX_BODY_BYTES = enrolRequest.maxBytes;
/** A batch of a journal, with its signature. */
const MAX_HANDOVER_BYTES = handoverRequest.maxBytes + 1_024;

const STATUS_OF: Readonly<Record<RefusalCode, number>> = {
  invalid: 400,
  "code-refused": 403,
  "not-enrolled": 403,
  unavailable: 503,
};

interface Route {
  readonly maxBytes: number;
  readonly answer: (body: Uint8Array) => Promise<Answer<Uint8Array>>;
}

export interface EnrolmentListener {
  /** `host:port` */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** HTTPS for gates without a valid certificate: enrolment, renewal, and what an old disk still holds. Nothing else. */
export async function listenForEnrolment(options: {
  readonly host: string;
  readonly port: number;
  readonly publicHost: string;
  readonly identity: Pick<ServerIdentity, "key" | "certificate">;
  readonly enrolment: Enrolment;
  readonly handover: Handover;
  /** Address that new gates are told. */
  readonly mqtt: () => string;
  readonly logger: Logger;
}): Promise<EnrolmentListener> {
  const { enrolment, handover, logger, mqtt } = options;

  const routes: Readonly<Record<string, Route>> = {
    "/gate/v1/enrol": {
      maxBytes: MAX_BODY_BYTES,
      answer: async (body) => encoded(await enrolment.enrol(body, mqtt()), enrolResponse.encode),
    },
    "/gate/v1/renew": {
      maxBytes: MAX_BODY_BYTES,
      answer: async (body) => encoded(await enrolment.renew(body), renewResponse.encode),
    },
    "/gate/v1/handover": {
      maxBytes: MAX_HANDOVER_BYTES,
      answer: async (body) => encoded(await handover.receive(body), handoverResponse.encode),
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = routes[request.url ?? ""];
    if (route === undefined || request.method !== "POST") {
      response.writeHead(route === undefined ? 404 : 405).end();
      return;
    }
    const body = await readBody(request, route.maxBytes);
    const answer = body === undefined ? { refused: "invalid" as const } : await route.answer(body);
    if ("response" in answer) {
      send(response, 200, answer.response);
      return;
    }
    logger.info({ route: request.url ?? "", code: answer.refused }, "gate refused");
    send(response, STATUS_OF[answer.refused], refusal.encode({ version: 1, code: answer.refused }));
  }

  const server = createServer(
    {
      key: options.identity.key,
      cert: options.identity.certificate,
      minVersion: "TLSv1.3",
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
    },
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        logger.error({ route: request.url ?? "", error }, "enrolment failed");
        if (!response.headersSent) {
          send(response, STATUS_OF.unavailable, refusal.encode({ version: 1, code: "unavailable" }));
        }
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    address: `${options.publicHost}:${portOf(server.address())}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function encoded<T>(answer: Answer<T>, encode: (value: T) => Uint8Array): Answer<Uint8Array> {
  return "response" in answer ? { response: encode(answer.response) } : answer;
}

/** `undefined` for a body that is longer than any request of its kind. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: Uint8Array): void {
  response.writeHead(status, { "content-type": "application/cbor", connection: "close" }).end(body);
}

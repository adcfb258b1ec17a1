import { ed25519FromSecret, fromHex, type RandomBytes, toHex } from "@menshen/crypto";
import {
  type BodyOf,
  type CityReport,
  cityLinkEndpoints,
  type Endpoint,
  EVALUATIONS_AT_ONCE,
  fillPath,
  type ResponseOf,
} from "@menshen/wire";
import { Value } from "typebox/value";
import { communityRequests } from "./community-requests.ts";
import { CityLinkError } from "./errors.ts";
import { askAboutNumber, tagsOf } from "./numbers.ts";

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 512 * 1024;
const NONCE_BYTES = 16;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export interface CityClientOptions {
  /** Of the city, e.g. `https://city.example`. Plain HTTP is for this machine only. */
  readonly url: string;
  /** The community's own key: a 32-byte Ed25519 seed. */
  readonly secretKey: Uint8Array;
  readonly now: () => number;
  readonly randomBytes: RandomBytes;
  readonly fetch?: typeof fetch;
}

type Enrolled = ResponseOf<(typeof cityLinkEndpoints)["enrol"]>;
type Heard = ResponseOf<(typeof cityLinkEndpoints)["incidents"]>;

/** A community's side of the talk with its city. Every function throws {@link CityLinkError}. */
export interface CityClient {
  readonly publicKey: Uint8Array;
  readonly enrol: (code: string) => Promise<Enrolled>;
  /** Tags of at most 32 numbers, in their order. The city learns how many were asked about and nothing else. */
  readonly tagNumbers: (
    evaluationKey: Uint8Array,
    numbers: readonly Uint8Array[],
  ) => Promise<readonly string[]>;
  readonly report: (id: string, report: CityReport) => Promise<void>;
  readonly withdraw: (id: string) => Promise<void>;
  readonly incidents: () => Promise<Heard>;
}

export function makeCityClient(options: CityClientOptions): CityClient {
  const { secretKey, now, randomBytes } = options;
  const base = baseOf(options.url);
  const send = options.fetch ?? fetch;

  async function call<E extends Endpoint>(
    endpoint: E,
    request: { readonly params?: Readonly<Record<string, string>>; readonly body?: BodyOf<E> },
  ): Promise<ResponseOf<E>> {
    const path = fillPath(endpoint.path, request.params);
    const body = request.body === undefined ? "" : JSON.stringify(request.body);
    const authorization = communityRequests.authorize({
      method: endpoint.method,
      path,
      body: new TextEncoder().encode(body),
      secretKey,
      timeMs: now(),
      nonce: randomBytes(NONCE_BYTES),
    });
    let response: Response;
    let text: string;
    try {
      response = await send(`${base}${path}`, {
        method: endpoint.method,
        headers: { authorization, ...(body === "" ? {} : { "content-type": "application/json" }) },
        ...(body === "" ? {} : { body }),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await readText(response);
    } catch (cause) {
      if (cause instanceof CityLinkError) throw cause;
      throw new CityLinkError("unreachable", "the city does not answer", { cause });
    }
    const answer = parseJson(text);
    if (!response.ok) throw refusalOf(response.status, answer);
    const value = response.status === 204 ? null : answer;
    if (!Value.Check(endpoint.response, value)) {
      throw new CityLinkError("unreachable", "the answer is none of a city server");
    }
    // The check above is the parsing constructor of answers.
    return value as ResponseOf<E>;
  }

  return {
    publicKey: ed25519FromSecret(secretKey).publicKey,
    enrol: (code) => call(cityLinkEndpoints.enrol, { body: { code } }),
    async tagNumbers(evaluationKey, numbers) {
      if (numbers.length === 0 || numbers.length > EVALUATIONS_AT_ONCE) {
        throw new RangeError(`expected 1 to ${EVALUATIONS_AT_ONCE} numbers, got ${numbers.length}`);
      }
      const questions = numbers.map((number) => askAboutNumber(number, randomBytes));
      const blinded = questions.map((question) => toHex(question.blinded));
      const answer = await call(cityLinkEndpoints.evaluate, { body: { blinded } });
      const tags = tagsOf(evaluationKey, questions, {
        evaluated: answer.evaluated.map((one) => fromHex(one)),
        proof: fromHex(answer.proof),
      });
      if (tags === undefined) {
        throw new CityLinkError(
          "not-believed",
          "the city answered under another key than it was enrolled with",
        );
      }
      return tags;
    },
    async report(id, report) {
      await call(cityLinkEndpoints.report, { params: { id }, body: report });
    },
    async withdraw(id) {
      await call(cityLinkEndpoints.withdraw, { params: { id } });
    },
    incidents: () => call(cityLinkEndpoints.incidents, {}),
  };
}

/** Scheme, host and port; throws `bad-address`. */
function baseOf(url: string): string {
  const parsed = URL.parse(url);
  const isSafe =
    parsed !== null &&
    (parsed.protocol === "https:" || (parsed.protocol === "http:" && LOOPBACK.has(parsed.hostname)));
  if (!isSafe || parsed.pathname !== "/" || parsed.search !== "" || parsed.username !== "") {
    throw new CityLinkError("bad-address", "expected an https address without a path");
  }
  return parsed.origin;
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ANSWER_BYTES) throw new CityLinkError("unreachable", "the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusalOf(status: number, answer: unknown): CityLinkError {
  const field = (name: string): unknown =>
    typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : undefined;
  const code = field("code");
  if (typeof code !== "string" || status >= 500) {
    return new CityLinkError("unreachable", `the city answered with status ${status}`);
  }
  const [detail, wait] = [field("detail"), field("retryAfterSeconds")];
  return new CityLinkError(
    code === "rate-limited" ? "rate-limited" : "refused",
    typeof detail === "string" ? detail.slice(0, 300) : "the city refuses this",
    { refusal: code, ...(typeof wait === "number" ? { retryAfterSeconds: wait } : {}) },
  );
}

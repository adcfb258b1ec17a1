import { eventually } from "../gate-link/testing/eventually.ts";

/** One message of the live stream as it came. */
export interface LiveMessage {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A viewer of the live stream over a real connection. */
export interface LiveClient {
  readonly status: number;
  readonly headers: Headers;
  readonly messages: readonly LiveMessage[];
  /** The first message that fits, waited for. */
  readonly until: (what: string, fits: (message: LiveMessage) => boolean) => Promise<LiveMessage>;
  /** True once the server has ended the stream. */
  readonly ended: () => boolean;
  readonly close: () => void;
}

export async function watchLive(
  base: string,
  cookie: string | undefined,
  from: { readonly after?: string; readonly lastEventId?: string } = {},
): Promise<LiveClient> {
  const abort = new AbortController();
  const response = await fetch(
    `${base}/api/v1/live${from.after === undefined ? "" : `?after=${from.after}`}`,
    {
      headers: {
        ...(cookie === undefined ? {} : { cookie }),
        ...(from.lastEventId === undefined ? {} : { "last-event-id": from.lastEventId }),
      },
      signal: abort.signal,
    },
  );
  const messages: LiveMessage[] = [];
  let ended = false;
  const read = async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      messages.push(...blocks.flatMap(parseBlock));
    }
  };
  void read()
    .catch(() => {})
    .finally(() => {
      ended = true;
    });
  return {
    status: response.status,
    headers: response.headers,
    messages,
    until: (what, fits) => eventually(what, () => messages.find(fits)),
    ended: () => ended,
    close: () => abort.abort(),
  };
}

function parseBlock(block: string): LiveMessage[] {
  const fields = new Map(
    block.split("\n").map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const type = fields.get("event");
  if (type === undefined) return [];
  return [{ type, id: fields.get("id"), data: JSON.parse(fields.get("data") ?? "{}") }];
}

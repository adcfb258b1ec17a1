import { GateId } from "@menshen/domain";

export const UP_KINDS = [
  "journal",
  "hello",
  "status",
  "applied",
  "time",
  "pseudonym",
  "proofs",
  "result",
  "presence",
  "forgotten",
] as const;
export type UpKind = (typeof UP_KINDS)[number];
export const DOWN_KINDS = [
  "snapshot",
  "delta",
  "keyring",
  "modes",
  "time",
  "resume",
  "trail",
  "pseudonym",
  "proofs",
  "passes",
  "door-rules",
  "command",
  "forget",
] as const;
export type DownKind = (typeof DOWN_KINDS)[number];

const PREFIX = "menshen/v1";

/** Topic that a gate publishes on. */
export function upTopic(gateId: GateId, kind: UpKind): string {
  return `${PREFIX}/${gateId}/up/${kind}`;
}

/** Topic that a gate receives on. */
export function downTopic(gateId: GateId, kind: DownKind): string {
  return `${PREFIX}/${gateId}/down/${kind}`;
}

/** The one filter that a gate subscribes to; the server refuses any other. */
export function downFilter(gateId: GateId): string {
  return `${PREFIX}/${gateId}/down/+`;
}

/** `undefined` for anything that is not a gate's own topic to publish on. */
export function parseUpTopic(topic: string): { readonly gateId: GateId; readonly kind: UpKind } | undefined {
  return parse(topic, "up", UP_KINDS);
}

/** `undefined` for anything that is not a topic towards a gate. */
export function parseDownTopic(
  topic: string,
): { readonly gateId: GateId; readonly kind: DownKind } | undefined {
  return parse(topic, "down", DOWN_KINDS);
}

function parse<K extends string>(topic: string, direction: "up" | "down", kinds: readonly K[]) {
  const match = /^menshen\/v1\/([0-9a-f-]{36})\/(up|down)\/([a-z-]+)$/.exec(topic);
  const kind = kinds.find((candidate) => candidate === match?.[3]);
  if (match?.[1] === undefined || match[2] !== direction || kind === undefined) return undefined;
  try {
    return { gateId: GateId(match[1]), kind };
  } catch {
    return undefined;
  }
}

import type { FastifyRequest } from "fastify";

const bodies = new WeakMap<FastifyRequest, string>();

/** Keeps a body as it was sent, for what signs it. */
export function keepSentBody(request: FastifyRequest, body: string): void {
  bodies.set(request, body);
}

/** The body as it was sent; empty if there was none. */
export function sentBodyOf(request: FastifyRequest): string {
  return bodies.get(request) ?? "";
}

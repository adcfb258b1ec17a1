import { DEMO_BASE, DemoState, demoEndpoints, type Endpoint } from "@menshen/wire";
import { Compile } from "typebox/compile";
import { type Actor, authorise } from "../../authority/authorise.ts";
import { refusal } from "../../errors.ts";
import type { Router } from "../../http/router.ts";

/** The demo process that owns the virtual devices: a loopback address and a one-time token. */
export interface DemoTarget {
  readonly url: string;
  readonly token: string;
}

const PATIENCE_MS = 10_000;
const demoState = Compile(DemoState);

/**
 * Demo controls, forwarded to the demo process. They are registered only where the configuration names one: a real site
 * has no such route.
 */
export function demoRoutes(router: Router, target: DemoTarget, request: typeof fetch = fetch): void {
  const { state, ...commands } = demoEndpoints;

  async function forward(actor: Actor, endpoint: Endpoint, body: unknown): Promise<unknown> {
    authorise(actor, "demo.control");
    const url = new URL(endpoint.path.slice(DEMO_BASE.length + 1), target.url.replace(/\/?$/, "/"));
    const answer = await request(url, {
      method: endpoint.method,
      headers: {
        authorization: `Bearer ${target.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch(() => undefined);
    if (answer === undefined) throw refusal("unavailable", "the demonstration is not running");
    if (answer.status === 404) throw refusal("not-found", "the demonstration does not know this");
    if (answer.status === 409) throw refusal("conflict", "too many wait at this door already");
    if (!answer.ok) throw refusal("conflict", "the demonstration could not do this");
    return answer.status === 204 ? undefined : answer.json().catch(() => undefined);
  }

  router.staff(state, async ({ actor }) => {
    const answer = await forward(actor, state, undefined);
    if (!demoState.Check(answer)) throw refusal("unavailable", "the demonstration answered in another form");
    return answer;
  });
  for (const endpoint of Object.values(commands)) {
    router.staff<Endpoint>(endpoint, async ({ actor, body }) => {
      await forward(actor, endpoint, body);
      return null;
    });
  }
}

import Type, { type Static } from "typebox";
import { NoContent, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/** Paths of the demo controls. They exist only where the configuration names a demo endpoint. */
export const DEMO_BASE = "/api/demo";

const closed = { additionalProperties: false };

export const DemoState = Type.Object({
  /** Presentations per minute that the population makes by itself; 0 pauses it. */
  perMinute: Type.Number(),
  people: Type.Array(
    Type.Object({
      personId: Uuid,
      name: Type.String(),
      dwellingName: Type.Optional(Type.String()),
      cards: Type.Array(Type.Object({ cardId: Type.String(), kind: Type.String() })),
    }),
  ),
  doors: Type.Array(
    Type.Object({
      portalId: Uuid,
      name: Type.String(),
      gateId: Uuid,
      open: Type.Boolean(),
      accessPoints: Type.Array(Type.Object({ accessPointId: Uuid, name: Type.String() })),
    }),
  ),
  gates: Type.Array(
    Type.Object({ gateId: Uuid, name: Type.String(), networkCut: Type.Boolean(), fire: Type.Boolean() }),
  ),
  readers: Type.Array(Type.Object({ readerId: Uuid, name: Type.String(), pulled: Type.Boolean() })),
});
export type DemoState = Static<typeof DemoState>;

export const DemoPresent = Type.Object(
  {
    /** A person presents their first card, or name the card. */
    personId: Type.Optional(Uuid),
    cardId: Type.Optional(Type.String({ maxLength: 80 })),
    accessPointId: Uuid,
    /** `clone`: a copy of the card as far as its kind can be copied; `unknown`: a card nobody enrolled. */
    as: Type.Optional(Type.Enum(["own", "clone", "unknown"])),
  },
  closed,
);
export type DemoPresent = Static<typeof DemoPresent>;

function command<
  const Id extends string,
  const Path extends string,
  Body extends Parameters<typeof Type.Object>[0],
>(id: Id, path: Path, summary: string, body: Body) {
  return endpoint({
    id,
    method: "POST",
    path: `${DEMO_BASE}/${path}`,
    tag: "demo",
    summary,
    body: Type.Object(body, closed),
    response: NoContent,
  });
}

export const demoEndpoints = {
  state: endpoint({
    id: "getDemoState",
    method: "GET",
    path: `${DEMO_BASE}/state`,
    tag: "demo",
    summary: "the virtual people, cards and doors",
    response: DemoState,
  }),
  present: endpoint({
    id: "demoPresent",
    method: "POST",
    path: `${DEMO_BASE}/present`,
    tag: "demo",
    summary: "present a card at a reader",
    body: DemoPresent,
    response: NoContent,
  }),
  force: command("demoForce", "force", "force a door open", { portalId: Uuid }),
  hold: command("demoHold", "hold", "hold a door open for a while", {
    portalId: Uuid,
    seconds: Type.Integer({ minimum: 1, maximum: 3_600 }),
  }),
  network: command("demoNetwork", "network", "cut or restore a gate's network", {
    gateId: Uuid,
    cut: Type.Boolean(),
  }),
  reader: command("demoReader", "reader", "pull a reader off its bus or put it back", {
    readerId: Uuid,
    pulled: Type.Boolean(),
  }),
  pace: command("demoPace", "pace", "how lively the population is", {
    perMinute: Type.Number({ minimum: 0, maximum: 600 }),
  }),
  clone: command(
    "demoClone",
    "clone",
    "copy a card: its holder comes in by one gate, and the copy is used at another a few seconds later",
    { cardId: Type.String({ minLength: 1, maxLength: 80 }) },
  ),
  exit: command("demoExit", "exit", "press an exit button", { portalId: Uuid }),
  fire: command("demoFire", "fire", "switch a gate's fire input", { gateId: Uuid, on: Type.Boolean() }),
} as const;

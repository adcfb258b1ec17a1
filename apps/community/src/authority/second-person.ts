import { refusal } from "../errors.ts";
import type { Actor } from "./authorise.ts";

/** Throws `second-person-needed` for whoever asked: what two persons decide, one of them does not do alone. */
export function demandAnother(actor: Actor, askedBy: string): void {
  if (actor.staffId === askedBy) throw refusal("second-person-needed", "somebody else must agree");
}

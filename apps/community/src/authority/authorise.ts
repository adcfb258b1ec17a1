import type { ChangeReason, Duty, Permission, StaffBody, StaffRole, ViewReason } from "@menshen/wire";
import { CommunityError } from "../errors.ts";
import { dutiesWith } from "./roles.ts";

/** Who is acting: a signed-in member of staff, in one duty. */
export interface Actor {
  readonly staffId: string;
  readonly displayName: string;
  readonly roles: readonly StaffRole[];
  readonly duty: Duty;
  /** Whose member they are. */
  readonly body: StaffBody;
  readonly permissions: ReadonlySet<Permission>;
}

/** A member of staff who changes something, and why. */
export interface StaffAuthor {
  readonly actor: Actor;
  readonly reason: ChangeReason;
  /** Why residents may be named in the answer; they are not without it. */
  readonly viewReason?: ViewReason;
}

/** Whether residents may be named to somebody: they may read names, and said why. */
export function mayName(actor: Actor, viewReason: ViewReason | undefined): boolean {
  return viewReason !== undefined && actor.permissions.has("homes.read");
}

/**
 * First statement of each use case. Throws `wrong-duty` if the same person could do it in another duty of theirs, and
 * `forbidden` otherwise.
 */
export function authorise(actor: Actor, permission: Permission): void {
  if (actor.permissions.has(permission)) return;
  const duty = dutiesWith(permission).find((candidate) => candidate !== actor.duty);
  if (duty !== undefined && !dutiesWith(permission).includes(actor.duty)) {
    throw new CommunityError("wrong-duty", `\`${permission}\` belongs to the duty ${duty}`, {
      facts: { duty, detail: `this belongs to the duty \`${duty}\`; this session acts as \`${actor.duty}\`` },
    });
  }
  throw new CommunityError("forbidden", `\`${permission}\` is not among this session's permissions`, {
    facts: { detail: "your role does not include this" },
  });
}

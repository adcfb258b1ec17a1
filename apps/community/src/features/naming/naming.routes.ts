import { namingEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { NamingServices } from "./make-naming.ts";

export function namingRoutes(router: Router, { decisions, told, names }: NamingServices): void {
  router.staff(namingEndpoints.list, async ({ actor }) => ({ items: [...(await decisions.list(actor))] }));
  router.staff(namingEndpoints.nameStaff, ({ author, body }) => decisions.nameStaff(author, body));
  router.staff(namingEndpoints.recordMotion, ({ author, body }) => decisions.recordMotion(author, body));
  router.staff(namingEndpoints.confirm, ({ author, params }) => decisions.confirm(author, params.id));
  router.staff(namingEndpoints.withdraw, ({ author, params }) => decisions.withdraw(author, params.id));
  router.personal(
    namingEndpoints.staff,
    async ({ actor }) => ({ items: [...(await told.list(actor))] }),
    ({ items }) => items.map(({ personId }) => personId),
  );
  router.staff(namingEndpoints.tell, ({ author, params, body }) => told.tell(author, params.id, body));
  router.staff(namingEndpoints.untell, ({ author, params }) => told.untell(author, params.id));
  router.personal(
    namingEndpoints.names,
    async ({ actor, query }) => ({ items: [...(await names.read(actor, entriesIn(query.entries)))] }),
    ({ items }) => items.map(({ personId }) => personId),
  );
  router.resident(namingEndpoints.notices, async () => ({ items: [...(await decisions.notices())] }));
}

/** The endpoint's pattern has checked the text. */
function entriesIn(text: string): { readonly gateId: string; readonly sequence: number }[] {
  return text.split(",").map((entry) => {
    const [gateId = "", sequence] = entry.split(".");
    return { gateId, sequence: Number(sequence) };
  });
}

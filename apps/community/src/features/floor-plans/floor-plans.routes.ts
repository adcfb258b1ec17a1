import { floorPlanEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { FloorPlansService } from "./floor-plans.service.ts";

/** An image that is opened by itself runs, loads and sends nothing, whatever may have stayed in it. */
const IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

export function floorPlansRoutes(router: Router, plans: FloorPlansService): void {
  router.staff(floorPlanEndpoints.list, ({ actor }) => plans.list(actor));
  router.staff(floorPlanEndpoints.create, ({ author, query, file }) => plans.create(author, query, file));
  router.staff(floorPlanEndpoints.rename, ({ author, body, params }) =>
    plans.rename(author, params.id, body),
  );
  router.staff(floorPlanEndpoints.replace, ({ author, params, query, file }) =>
    plans.replace(author, params.id, query, file),
  );
  router.staff(floorPlanEndpoints.image, async ({ actor, params, reply }) => {
    const { image, type } = await plans.image(actor, params);
    await reply
      .type(type)
      .header("content-security-policy", IMAGE_POLICY)
      .header("x-content-type-options", "nosniff")
      // Its address changes with it.
      .header("cache-control", "private, max-age=31536000, immutable")
      .send(Buffer.from(image));
    return "";
  });
  router.staff(floorPlanEndpoints.placeDoors, ({ author, body, params }) =>
    plans.placeDoors(author, params.id, body),
  );
  router.staff(floorPlanEndpoints.drawAreas, ({ author, body, params }) =>
    plans.drawAreas(author, params.id, body),
  );
  router.staff(floorPlanEndpoints.remove, ({ author, params }) => plans.remove(author, params.id));
  router.staff(floorPlanEndpoints.restore, ({ author, params }) => plans.restore(author, params.id));
}

import { marketEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { MarketService } from "./market.service.ts";

/** A photo that is opened by itself runs, loads and sends nothing. */
const PHOTO_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

export function marketRoutes(router: Router, market: MarketService): void {
  router.staff(marketEndpoints.list, async ({ actor, query }) => ({
    items: await market.list(actor, query.removed ?? false),
  }));
  router.staff(marketEndpoints.create, ({ author, body }) => market.create(author, body));
  router.staff(marketEndpoints.get, ({ actor, params }) => market.read(actor, params.id));
  router.staff(marketEndpoints.addPhoto, ({ author, params, file }) =>
    market.addPhoto(author, params.id, file),
  );
  router.staff(marketEndpoints.photo, async ({ actor, params, reply }) => {
    const { type, bytes } = await market.photo(actor, params.id);
    await reply
      .type(type)
      .header("content-security-policy", PHOTO_POLICY)
      .header("x-content-type-options", "nosniff")
      .send(Buffer.from(bytes));
    return "";
  });
  router.staff(marketEndpoints.remove, async ({ author, params }) => {
    await market.remove(author, params.id);
    return null;
  });
  router.staff(marketEndpoints.restore, ({ author, params }) => market.restore(author, params.id));
}

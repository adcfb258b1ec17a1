import { cityCommunityEndpoints, cityConnectionEndpoints, citySessionEndpoints } from "@menshen/wire";
import { type ApiClient, signInOfficer } from "../api/client.ts";
import type { Site } from "./site-file.ts";
import { COMMUNITY_NAME } from "./site-plan.ts";

/** Name of the demonstration's city, as its pages show it. */
export const CITY_NAME = "滨江市";

/** Where the city stands, and a link for its first officer; without one while somebody is signed in there. */
export interface CityPlace {
  readonly url: string;
  readonly signInLink: string | undefined;
}

/**
 * Makes the community known to the city as an officer and the security duty of a real community do: a code from the city's
 * pages, entered in the console. Once, and again only where the city had to move to another address.
 *
 * @param staff asked for only where there is something to do; absent where nobody can sign in to do it
 * @returns a link for the officer in place of the one that this used up
 */
export async function joinCity(
  site: Site,
  city: CityPlace,
  staff: () => Promise<ApiClient | undefined>,
): Promise<{ readonly link: string | undefined; readonly isJoined: boolean }> {
  if (site.city?.url === city.url) return { link: city.signInLink, isJoined: true };
  const security = city.signInLink === undefined ? undefined : await staff();
  if (city.signInLink === undefined || security === undefined)
    return { link: city.signInLink, isJoined: false };
  const officer = await signInOfficer(city.signInLink);
  const { items } = await officer.call(cityCommunityEndpoints.list, {});
  const known = items.find(({ name }) => name === COMMUNITY_NAME);
  if (known?.removedAt === undefined) {
    const { code } =
      known === undefined
        ? await officer.call(cityCommunityEndpoints.add, { body: { name: COMMUNITY_NAME } })
        : await officer.call(cityCommunityEndpoints.renewCode, { params: { id: known.id } });
    await security.call(cityConnectionEndpoints.connect, { body: { url: city.url, code } });
    site.city = { url: city.url };
  }
  const session = await officer.call(citySessionEndpoints.get, {});
  const id = session.officer?.id ?? "";
  const { link } = await officer.call(citySessionEndpoints.renewLink, { params: { id } });
  // The link at the next start is there while nobody is signed in.
  await officer.call(citySessionEndpoints.signOut, {});
  return { link, isJoined: known?.removedAt === undefined };
}

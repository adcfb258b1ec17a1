import { credentialEndpoints, staffEndpoints } from "@menshen/wire";
import { type ApiClient, type Reasons, signInByLink } from "../../api/client.ts";

/** Who confirms, in the demonstration, what the first member of staff issued. */
const SECOND_PERSON = "客服主管";

/**
 * Confirms the cards of staff as a second member of staff, who is made for it: until then they open nothing. Does nothing
 * where all are confirmed.
 */
export async function confirmCards(api: ApiClient, reasons: Reasons): Promise<void> {
  const { items } = await api.call(credentialEndpoints.unconfirmed, {});
  if (items.length === 0) return;
  const accounts = await api.call(staffEndpoints.list, { query: {} });
  const existing = accounts.items.find(({ displayName }) => displayName === SECOND_PERSON);
  const { link } =
    existing === undefined
      ? (
          await api.call(staffEndpoints.create, {
            body: { displayName: SECOND_PERSON, roles: ["manager"] },
          })
        ).signIn
      : await api.call(staffEndpoints.invite, { params: { id: existing.id } });
  const second = await signInByLink(link, reasons);
  for (const { credentialId } of items) {
    await second.call(credentialEndpoints.confirm, { params: { id: credentialId } });
  }
}

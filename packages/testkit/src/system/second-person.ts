import { credentialEndpoints, staffEndpoints } from "@menshen/wire";
import { type Api, signIn } from "./api.ts";

/** A second member of staff, signed in: some things need two. */
export async function makeSecondPerson(api: Api): Promise<Api> {
  return signIn(await inviteStaff(api, "manager"));
}

/** The one-time link with which another member of staff signs in. */
export async function inviteStaff(api: Api, role: "manager" | "security"): Promise<string> {
  const displayName = `第二人 ${Date.now()}`;
  const { signIn: code } = await api.call(staffEndpoints.create, {
    body: { displayName, roles: [role] },
  });
  return code.link;
}

/** Confirms what another member of staff issued to somebody who lives nowhere here. */
export async function confirmCredential(second: Api, credentialId: string): Promise<void> {
  await second.call(credentialEndpoints.confirm, { params: { id: credentialId } });
}
